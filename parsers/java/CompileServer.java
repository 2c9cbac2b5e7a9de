// Compiles Java sources in memory, many at a time, in one warm JVM.
//
// A request is one line of words parted by commas, each in base64 (which may be empty) but the
// first: how many threads may work, the class path, the source path, then texts of files.
// For each text the answer is one line of JSON, in the order in which they are finished:
//   {"text": 0, "phase": "parse" | "analyze" | "done" | "crash",
//    "problems": [{"line": 1, "column": 1, "code": "...", "message": "..."}]}
// Problems are errors in the file itself; phase says how far the compiler came.
//
// Each text is a compilation of its own and knows nothing of the others.  What they share within
// a request, thread by thread, is the reader of the class path and of the JDK's own modules.
//
// Nothing is written and nothing of what is compiled is run: annotation processing is off, and
// plugins of the compiler are looked for in an empty place only.

import com.sun.source.util.JavacTask;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.NestingKind;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

public class CompileServer {
    private static final int MAX_PROBLEMS = 20;
    private static final long STACK_BYTES = 4L << 20;

    /** The file that is compiled; it exists in memory only. */
    private static final class Text extends SimpleJavaFileObject {
        private final String text;

        Text(String name, String text) {
            super(URI.create("memory:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }

        /** A public type may have any name: the file has none of its own. */
        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return kind == Kind.SOURCE;
        }

        @Override
        public NestingKind getNestingKind() {
            return null;
        }

        @Override
        public Modifier getAccessLevel() {
            return null;
        }
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        long patience = Long.parseLong(arguments[0]);
        File nowhere = new File(arguments[1]);
        say(answers, "{\"text\": -1, \"phase\": \"ready\", \"problems\": []}");
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            new Request(line.split(",", -1), patience, nowhere, answers).serve();
        }
    }

    /** Prints a line as a whole, whichever thread has it. */
    private static synchronized void say(PrintStream answers, String line) {
        answers.println(line);
        answers.flush();
    }

    /** Texts that are compiled against the same class path. */
    private static final class Request {
        private static final int BEFORE_TEXTS = 3;

        private final String[] words;
        private final List<String> options;
        private final long patience;
        private final PrintStream answers;
        private final AtomicInteger next = new AtomicInteger(BEFORE_TEXTS);

        Request(String[] words, long patience, File nowhere, PrintStream answers) {
            this.words = words;
            this.options = options(decode(words[1]), decode(words[2]), nowhere);
            this.patience = patience;
            this.answers = answers;
        }

        void serve() {
            List<Thread> threads = new ArrayList<>();
            for (int count = Integer.parseInt(words[0]); count > 1; count--) {
                Thread thread = new Thread(null, this::work, "compiler", STACK_BYTES);
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
            work();
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException never) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private void work() {
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            try (StandardJavaFileManager files =
                    compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
                for (int i = next.getAndIncrement(); i < words.length; i = next.getAndIncrement()) {
                    Thread watchdog = haltAfter(patience);
                    String found = answer(compiler, files, options, decode(words[i]));
                    watchdog.interrupt();
                    say(answers, "{\"text\": " + (i - BEFORE_TEXTS) + ", " + found + "}");
                }
            } catch (IOException closing) {
                // What was opened for reading does not close; nothing depends on it.
            }
        }
    }

    /** Ends the JVM when a text takes too long and nobody is left to kill it. */
    private static Thread haltAfter(long milliseconds) {
        Thread watchdog = new Thread(() -> {
            try {
                Thread.sleep(milliseconds);
                Runtime.getRuntime().halt(3);
            } catch (InterruptedException done) {
                // The text was compiled in time.
            }
        });
        watchdog.setDaemon(true);
        watchdog.start();
        return watchdog;
    }

    private static String answer(
            JavaCompiler compiler, StandardJavaFileManager files, List<String> options, String text) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        Text file = new Text("Unit.java", text);
        String phase;
        try {
            JavacTask task = (JavacTask) compiler.getTask(
                    Writer.nullWriter(), files, found, options, null, List.of(file));
            task.parse();
            phase = "parse";
            if (errors(found, file).isEmpty()) {
                task.analyze();
                phase = errors(found, file).isEmpty() ? "done" : "analyze";
            }
        } catch (OutOfMemoryError full) {
            throw full;
        } catch (Exception | StackOverflowError | AssertionError crash) {
            return "\"phase\": \"crash\", \"problems\": []";
        }
        return "\"phase\": \"" + phase + "\", \"problems\": ["
                + String.join(", ", errors(found, file)) + "]";
    }

    private static List<String> options(String classPath, String sourcePath, File nowhere) {
        return List.of(
                "-proc:none", "-implicit:none", "-nowarn", "-Xlint:none",
                "-Xmaxerrs", "100", "-Xdiags:verbose", "-processorpath", nowhere.getPath(),
                "-classpath", classPath, "-sourcepath", sourcePath);
    }

    private static List<String> errors(DiagnosticCollector<JavaFileObject> found, Text file) {
        List<String> errors = new ArrayList<>();
        for (Diagnostic<? extends JavaFileObject> one : found.getDiagnostics()) {
            boolean here = one.getSource() == null || one.getSource().getName().equals(file.getName());
            if (one.getKind() == Diagnostic.Kind.ERROR && here && errors.size() < MAX_PROBLEMS) {
                errors.add("{\"line\": " + Math.max(1, one.getLineNumber())
                        + ", \"column\": " + Math.max(1, one.getColumnNumber())
                        + ", \"code\": " + quoted(one.getCode())
                        + ", \"message\": " + quoted(one.getMessage(Locale.ENGLISH)) + "}");
            }
        }
        return errors;
    }

    private static String decode(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter < ' ' || letter == '"' || letter == '\\' || letter > '~') {
                json.append(String.format("\\u%04x", (int) letter));
            } else {
                json.append(letter);
            }
        }
        return json.append('"').toString();
    }
}

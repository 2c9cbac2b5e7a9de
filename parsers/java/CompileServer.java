// Compiles Java sources in memory, one request after the other, in one warm JVM.
//
// A request is one line: four words in base64 (which may be empty), parted by commas:
//   the class path, the source path, the name of the file, its text.
// The answer is one line of JSON:
//   {"phase": "parse" | "analyze" | "done" | "crash",
//    "problems": [{"line": 1, "column": 1, "code": "...", "message": "..."}]}
// Problems are errors in the file itself; phase says how far the compiler came.
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
        answers.println("{\"phase\": \"ready\", \"problems\": []}");
        answers.flush();
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Thread watchdog = haltAfter(patience);
            answers.println(answer(line.split(",", -1), nowhere));
            watchdog.interrupt();
            answers.flush();
        }
    }

    /** Ends the JVM when a request takes too long and nobody is left to kill it. */
    private static Thread haltAfter(long milliseconds) {
        Thread watchdog = new Thread(() -> {
            try {
                Thread.sleep(milliseconds);
                Runtime.getRuntime().halt(3);
            } catch (InterruptedException done) {
                // The request was answered in time.
            }
        });
        watchdog.setDaemon(true);
        watchdog.start();
        return watchdog;
    }

    private static String answer(String[] words, File nowhere) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        Text file = new Text(decode(words[2]), decode(words[3]));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String phase;
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(found, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    Writer.nullWriter(), files, found,
                    options(decode(words[0]), decode(words[1]), nowhere), null, List.of(file));
            task.parse();
            phase = "parse";
            if (errors(found, file).isEmpty()) {
                task.analyze();
                phase = errors(found, file).isEmpty() ? "done" : "analyze";
            }
        } catch (OutOfMemoryError full) {
            throw full;
        } catch (Exception | StackOverflowError | AssertionError crash) {
            return "{\"phase\": \"crash\", \"problems\": []}";
        }
        return "{\"phase\": \"" + phase + "\", \"problems\": ["
                + String.join(", ", errors(found, file)) + "]}";
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

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Calls a method with the arguments of each line of standard input, and tells what came of it. */
public final class Harness {
    private static final char MARK = 0x1e;

    private Harness() {}

    public static void main(String[] words) throws Exception {
        String name = words[0].substring(words[0].lastIndexOf('.') + 1);
        Class<?> owner = Class.forName(words[0].substring(0, words[0].lastIndexOf('.')));
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = stream(FileDescriptor.err);
        System.setOut(stream(FileDescriptor.out));
        int number = 0;
        for (String line; (line = requests.readLine()) != null; number++) {
            List<?> given = (List<?>) new Json(line).value();
            System.out.print(MARK + "" + number + "\n");
            System.out.flush();
            String told = answer(number, owner, name, given);
            System.out.flush();
            answers.print(MARK + told + "\n");
            answers.flush();
        }
        System.exit(0);
    }

    private static PrintStream stream(FileDescriptor descriptor) throws Exception {
        return new PrintStream(new FileOutputStream(descriptor), false, "UTF-8");
    }

    private static String answer(int number, Class<?> owner, String name, List<?> given)
            throws Exception {
        Method method = find(owner, name, given);
        Object[] arguments = arguments(method, given);
        StringBuilder told = new StringBuilder("{\"call\":" + number);
        try {
            Object receiver = null;
            if (!Modifier.isStatic(method.getModifiers())) {
                Constructor<?> make = owner.getDeclaredConstructor();
                make.setAccessible(true);
                receiver = make.newInstance();
            }
            told.append(",\"result\":");
            int before = told.length();
            Object result = method.invoke(receiver, arguments);
            try {
                show(result, told, 0);
            } catch (StackOverflowError error) {
                told.setLength(before);
                told.append("{\"other\":\"deep\"}");
            }
        } catch (InvocationTargetException error) {
            Throwable cause = error.getCause();
            told.setLength(told.length() - ",\"result\":".length());
            told.append(",\"exception\":");
            quote(cause.getClass().getSimpleName() + ": " + cause.getMessage(), told);
        }
        told.append(",\"arguments\":");
        show(arguments, told, 0);
        return told.append('}').toString();
    }

    private static Method find(Class<?> owner, String name, List<?> given) throws Exception {
        Exception last = new NoSuchMethodException(name + " with " + given.size() + " arguments");
        for (Method method : owner.getDeclaredMethods()) {
            if (method.getName().equals(name)
                    && method.getParameterCount() == given.size()
                    && !method.isSynthetic()) {
                try {
                    arguments(method, given);
                    method.setAccessible(true);
                    return method;
                } catch (ClassCastException | IllegalArgumentException error) {
                    last = error;
                }
            }
        }
        throw last;
    }

    private static Object[] arguments(Method method, List<?> given) {
        Type[] types = method.getGenericParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = read(given.get(i), types[i]);
        }
        return arguments;
    }

    /** Returns the value of {@code type} that {@code value}, which was JSON, stands for. */
    private static Object read(Object value, Type type) {
        if (type instanceof GenericArrayType) {
            Type element = ((GenericArrayType) type).getGenericComponentType();
            return readArray((List<?>) value, element, raw(element));
        }
        Class<?> raw = raw(type);
        if (raw.isArray()) {
            return readArray((List<?>) value, raw.getComponentType(), raw.getComponentType());
        }
        Type[] inner =
                type instanceof ParameterizedType
                        ? ((ParameterizedType) type).getActualTypeArguments()
                        : new Type[] {Object.class, Object.class};
        if (value == null || raw == boolean.class || raw == Boolean.class) {
            return (Boolean) value;
        } else if (value instanceof Map && ((Map<?, ?>) value).containsKey("float")) {
            double special = Double.parseDouble((String) ((Map<?, ?>) value).get("float"));
            return raw == float.class || raw == Float.class ? (Object) (float) special : special;
        } else if (Map.class.isAssignableFrom(raw)) {
            Map<Object, Object> map = raw == TreeMap.class ? new TreeMap<>() : new LinkedHashMap<>();
            for (Object pair : (List<?>) ((Map<?, ?>) value).get("map")) {
                List<?> both = (List<?>) pair;
                map.put(read(both.get(0), inner[0]), read(both.get(1), inner[1]));
            }
            return map;
        } else if (Iterable.class.isAssignableFrom(raw)) {
            List<Object> list = raw == LinkedList.class ? new LinkedList<>() : new ArrayList<>();
            for (Object one : (List<?>) value) {
                list.add(read(one, inner[0]));
            }
            return list;
        }
        return readPlain(value, raw);
    }

    private static Object readPlain(Object value, Class<?> raw) {
        if (raw == char.class || raw == Character.class) {
            return ((String) value).charAt(0);
        } else if (raw == String.class || raw == CharSequence.class) {
            return (String) value;
        } else if (raw == Object.class) {
            return value instanceof Json.Number ? ((Json.Number) value).plain() : value;
        }
        String digits = ((Json.Number) value).text;
        if (raw == int.class || raw == Integer.class) {
            return Integer.parseInt(digits);
        } else if (raw == long.class || raw == Long.class) {
            return Long.parseLong(digits);
        } else if (raw == short.class || raw == Short.class) {
            return Short.parseShort(digits);
        } else if (raw == byte.class || raw == Byte.class) {
            return Byte.parseByte(digits);
        } else if (raw == float.class || raw == Float.class) {
            return Float.parseFloat(digits);
        } else if (raw == double.class || raw == Double.class) {
            return Double.parseDouble(digits);
        }
        throw new IllegalArgumentException("no value of type " + raw);
    }

    private static Object readArray(List<?> values, Type element, Class<?> raw) {
        Object array = Array.newInstance(raw, values.size());
        for (int i = 0; i < values.size(); i++) {
            Array.set(array, i, read(values.get(i), element));
        }
        return array;
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class) {
            return (Class<?>) type;
        } else if (type instanceof ParameterizedType) {
            return (Class<?>) ((ParameterizedType) type).getRawType();
        }
        return Object.class;
    }

    private static void show(Object value, StringBuilder out, int depth) {
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Float || value instanceof Double) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                out.append("{\"float\":\"").append(number).append("\"}");
            } else {
                out.append(value);
            }
        } else if (value instanceof Number) {
            out.append(value);
        } else if (value instanceof Character || value instanceof CharSequence) {
            quote(value.toString(), out);
        } else if (value instanceof Optional) {
            show(((Optional<?>) value).orElse(null), out, depth + 1);
        } else if (value instanceof Map) {
            List<Object> pairs = new ArrayList<>();
            ((Map<?, ?>) value).forEach((key, one) -> pairs.add(new Object[] {key, one}));
            out.append("{\"map\":");
            show(pairs, out, depth + 1);
            out.append('}');
        } else if (value instanceof Set) {
            out.append("{\"set\":");
            show(((Set<?>) value).toArray(), out, depth + 1);
            out.append('}');
        } else if (value instanceof Collection) {
            show(((Collection<?>) value).toArray(), out, depth + 1);
        } else if (value.getClass().isArray()) {
            out.append('[');
            for (int i = 0; i < Array.getLength(value); i++) {
                out.append(i == 0 ? "" : ",");
                show(Array.get(value, i), out, depth + 1);
            }
            out.append(']');
        } else {
            out.append("{\"other\":");
            quote(value.getClass().getSimpleName(), out);
            out.append('}');
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < 0x20 || letter > 0x7e) {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        out.append('"');
    }

    /** Reads one JSON text. */
    private static final class Json {
        /** A number as it was written. */
        static final class Number {
            final String text;

            Number(String text) {
                this.text = text;
            }

            Object plain() {
                return text.matches("-?\\d+") ? (Object) Long.parseLong(text) : Double.valueOf(text);
            }
        }

        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            skip();
            char first = text.charAt(at);
            if (first == '[') {
                List<Object> list = new ArrayList<>();
                while (more(']')) {
                    list.add(value());
                }
                return list;
            } else if (first == '{') {
                Map<String, Object> map = new LinkedHashMap<>();
                while (more('}')) {
                    String key = (String) value();
                    skip();
                    at++;
                    map.put(key, value());
                }
                return map;
            } else if (first == '"') {
                return string();
            }
            int start = at;
            while (at < text.length() && ",]} ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at);
            return word.equals("null")
                    ? null
                    : word.matches("true|false") ? (Object) Boolean.valueOf(word) : new Number(word);
        }

        /** Goes past a bracket or comma; tells whether another value follows. */
        private boolean more(char end) {
            skip();
            if (text.charAt(at) != end) {
                at++;
                skip();
            }
            if (text.charAt(at) == end) {
                at++;
                return false;
            }
            return true;
        }

        private void skip() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
        }

        private String string() {
            StringBuilder made = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char letter = text.charAt(at);
                if (letter == '\\') {
                    letter = text.charAt(++at);
                    if (letter == 'u') {
                        letter = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                        at += 4;
                    } else if ("bfnrt".indexOf(letter) >= 0) {
                        letter = "\b\f\n\r\t".charAt("bfnrt".indexOf(letter));
                    }
                }
                made.append(letter);
            }
            at++;
            return made.toString();
        }
    }
}

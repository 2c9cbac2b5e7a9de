package org.cairn.log;

/** Hands out logs that write to standard error. */
public final class Logs {
    private Logs() {
    }

    public static Log of(Class<?> owner) {
        return new StreamLog(owner.getSimpleName(), "");
    }

    private static final class StreamLog implements Log {
        private final String owner;
        private final String tags;

        StreamLog(String owner, String tags) {
            this.owner = owner;
            this.tags = tags;
        }

        @Override
        public void trace(String template, Object... arguments) {
            if (tracing()) {
                write("TRACE", template, arguments);
            }
        }

        @Override
        public void info(String template, Object... arguments) {
            write("INFO", template, arguments);
        }

        @Override
        public void warn(String template, Object... arguments) {
            write("WARN", template, arguments);
        }

        @Override
        public void fail(Throwable cause, String message) {
            write("ERROR", message + ": " + cause.getMessage());
        }

        @Override
        public void alarm(String template, Object... arguments) {
            write("ALARM", template, arguments);
        }

        @Override
        public boolean tracing() {
            return Boolean.getBoolean("cairn.trace");
        }

        @Override
        public Log tagged(String key, Object value) {
            return new StreamLog(owner, tags + " " + key + "=" + value);
        }

        @Override
        public Scope begin(String name) {
            return new Scope(this, name);
        }

        private void write(String level, String template, Object... arguments) {
            String message = template;
            for (Object argument : arguments) {
                int place = message.indexOf("{}");
                if (place < 0) {
                    break;
                }
                message = message.substring(0, place) + argument + message.substring(place + 2);
            }
            System.err.println(level + " " + owner + tags + ": " + message);
        }
    }
}

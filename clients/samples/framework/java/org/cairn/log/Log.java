package org.cairn.log;

/** Writes the messages of one class. Every {} in a template stands for one argument. */
public interface Log {
    void trace(String template, Object... arguments);

    void info(String template, Object... arguments);

    void warn(String template, Object... arguments);

    /** Tell that something went wrong, and why. */
    void fail(Throwable cause, String message);

    /** Tell that somebody has to come at once. */
    void alarm(String template, Object... arguments);

    /** Say whether trace messages are written at all. */
    boolean tracing();

    /** Return a log that adds this value to everything it writes. */
    Log tagged(String key, Object value);

    /** Open a scope that measures how long something takes. */
    Scope begin(String name);
}

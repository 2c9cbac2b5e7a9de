package org.cairn.log;

/** Measures how long something takes, and tells when it is closed. */
public final class Scope implements AutoCloseable {
    private final Log log;
    private final String name;
    private final long started = System.nanoTime();

    Scope(Log log, String name) {
        this.log = log;
        this.name = name;
    }

    /** Write down that a step was reached. */
    public void mark(String step) {
        log.trace("{} reached {} after {} ms", name, step, elapsedMillis());
    }

    public long elapsedMillis() {
        return (System.nanoTime() - started) / 1000000;
    }

    @Override
    public void close() {
        log.trace("{} took {} ms", name, elapsedMillis());
    }
}

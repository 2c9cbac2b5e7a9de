package org.cairn.store;

/** Changes that happen together or not at all. */
public interface Tx extends AutoCloseable {
    void commit();

    void undo();

    @Override
    void close();
}

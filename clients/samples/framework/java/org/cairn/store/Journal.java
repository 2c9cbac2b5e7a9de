package org.cairn.store;

/** A file to which lines are only ever added. */
public interface Journal {
    void enter(String line);

    /** Write everything out and let nothing be added any more. */
    void seal();
}

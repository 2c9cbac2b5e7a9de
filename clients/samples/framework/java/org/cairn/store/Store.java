package org.cairn.store;

/** A database. Every ? in a statement stands for one argument. */
public interface Store {
    Rows query(String statement, Object... arguments);

    /** Return the only row of the answer, or null where there is none. */
    Row one(String statement, Object... arguments);

    /** Change rows; return how many were changed. */
    int change(String statement, Object... arguments);

    /** Open a transaction; it is undone where it is closed without a commit. */
    Tx open();

    /** Return the next number of a sequence. */
    long nextId(String sequence);
}

package org.cairn.store;

/** The values of one row, by column. */
public interface Row {
    String string(String column);

    long number(String column);

    boolean flag(String column);

    boolean absent(String column);
}

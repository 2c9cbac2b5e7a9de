package org.cairn.store;

/** The answer to a query; stands before its first row until next is called. */
public interface Rows extends Row {
    boolean next();
}

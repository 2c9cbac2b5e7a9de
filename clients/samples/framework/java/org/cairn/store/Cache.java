package org.cairn.store;

/** Keeps texts for a while. */
public interface Cache {
    /** Return the text of the key, or null where it is not kept. */
    String peek(String key);

    void place(String key, String text);

    void evict(String key);
}

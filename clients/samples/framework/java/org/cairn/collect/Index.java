package org.cairn.collect;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map from keys to values that keeps the order of insertion. */
public final class Index<K, V> {
    private final Map<K, V> entries = new LinkedHashMap<>();

    private Index() {
    }

    /** Make an empty map. */
    public static <K, V> Index<K, V> create() {
        return new Index<>();
    }

    public void bind(K key, V value) {
        entries.put(key, value);
    }

    public void unbind(K key) {
        entries.remove(key);
    }

    /** Return the value of the key, or null where it is unknown. */
    public V lookup(K key) {
        return entries.get(key);
    }

    public V lookupOr(K key, V other) {
        return entries.getOrDefault(key, other);
    }

    public boolean holds(K key) {
        return entries.containsKey(key);
    }

    public int count() {
        return entries.size();
    }

    public Seq<K> keys() {
        Seq<K> keys = Seq.create();
        for (K key : entries.keySet()) {
            keys.push(key);
        }
        return keys;
    }
}

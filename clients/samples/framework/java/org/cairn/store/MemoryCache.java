package org.cairn.store;

import java.util.LinkedHashMap;
import java.util.Map;

/** A cache that forgets what was not read for the longest time. */
public final class MemoryCache implements Cache {
    private final Map<String, String> texts;

    public MemoryCache(int size) {
        this.texts = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > size;
            }
        };
    }

    @Override
    public String peek(String key) {
        return texts.get(key);
    }

    @Override
    public void place(String key, String text) {
        texts.put(key, text);
    }

    @Override
    public void evict(String key) {
        texts.remove(key);
    }
}

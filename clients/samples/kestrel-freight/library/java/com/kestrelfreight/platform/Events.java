package com.kestrelfreight.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Tells the other departments what happened. */
public final class Events {
    private static final List<BiConsumer<String, Object>> LISTENERS = new ArrayList<>();

    private Events() {
    }

    public static void listen(BiConsumer<String, Object> listener) {
        LISTENERS.add(listener);
    }

    public static void raise(String name, Object subject) {
        LISTENERS.forEach(listener -> listener.accept(name, subject));
    }
}

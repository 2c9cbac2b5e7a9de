package com.kestrelfreight.platform;

import java.util.function.Supplier;

/** Tries again what fails now and then. */
public final class Retry {
    private Retry() {
    }

    public static <T> T times(int attempts, Supplier<T> action) {
        for (int attempt = 1; attempt < attempts; attempt++) {
            try {
                return action.get();
            } catch (RuntimeException ex) {
                System.err.println("attempt " + attempt + " failed: " + ex.getMessage());
            }
        }
        return action.get();
    }
}

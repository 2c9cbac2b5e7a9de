package com.kestrelfreight.platform;

/** Stops where the code was called wrongly. */
public final class Check {
    private Check() {
    }

    public static void that(boolean condition, String message) {
        if (!condition) {
            throw new IllegalStateException(message);
        }
    }

    public static void text(String value, String name) {
        that(value != null && !value.isBlank(), name + " is empty");
    }
}

package com.meridianbank.platform;

/** Refuses arguments that nobody should have passed. */
public final class Guard {
    private Guard() {
    }

    public static void notNull(Object value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
    }

    public static void notBlank(String value, String name) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is blank");
        }
    }

    public static void positive(long value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is not positive");
        }
    }
}

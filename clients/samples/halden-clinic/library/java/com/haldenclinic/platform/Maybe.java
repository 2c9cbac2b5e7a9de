package com.haldenclinic.platform;

/** A value that may be missing. */
public final class Maybe<T> {
    private final T value;

    private Maybe(T value) {
        this.value = value;
    }

    public static <T> Maybe<T> some(T value) {
        return new Maybe<>(value);
    }

    public static <T> Maybe<T> none() {
        return new Maybe<>(null);
    }

    public boolean isPresent() {
        return value != null;
    }

    public T orElse(T other) {
        return value == null ? other : value;
    }
}

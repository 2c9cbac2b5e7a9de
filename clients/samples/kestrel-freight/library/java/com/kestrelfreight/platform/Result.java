package com.kestrelfreight.platform;

/** What came of something that may well go wrong: a value, or the reason why there is none. */
public final class Result<T> {
    private final T value;
    private final String reason;

    private Result(T value, String reason) {
        this.value = value;
        this.reason = reason;
    }

    public static <T> Result<T> ok(T value) {
        return new Result<>(value, null);
    }

    public static <T> Result<T> failed(String reason) {
        return new Result<>(null, reason);
    }

    public boolean isOk() {
        return reason == null;
    }

    public T value() {
        return value;
    }

    public String reason() {
        return reason;
    }
}

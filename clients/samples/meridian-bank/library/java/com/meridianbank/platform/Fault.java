package com.meridianbank.platform;

/** A request that breaks a rule of the bank; the code is the one of the rule book. */
public final class Fault extends RuntimeException {
    private final String code;

    private Fault(String code, String message) {
        super(message);
        this.code = code;
    }

    public static Fault of(String code, String message) {
        return new Fault(code, message);
    }

    public String getCode() {
        return code;
    }
}

package org.cairn.http;

/** The other side could not be reached. */
public final class CallFault extends RuntimeException {
    public CallFault(String message, Throwable cause) {
        super(message, cause);
    }
}

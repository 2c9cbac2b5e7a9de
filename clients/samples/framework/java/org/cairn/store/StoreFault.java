package org.cairn.store;

/** A store refused or lost what it was asked to do. */
public final class StoreFault extends RuntimeException {
    public StoreFault(String message) {
        super(message);
    }
}

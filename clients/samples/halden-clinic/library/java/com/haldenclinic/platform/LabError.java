package com.haldenclinic.platform;

/** Something that the laboratory must not do. */
public final class LabError extends RuntimeException {
    public LabError(String message) {
        super(message);
    }
}

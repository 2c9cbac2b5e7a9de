package com.haldenclinic.platform;

/** Who did what to which specimen, for the accreditation of the laboratory. */
public final class Trace {
    private Trace() {
    }

    public static void step(String what, Object subject) {
        System.err.println("TRACE " + what + " " + subject);
    }
}

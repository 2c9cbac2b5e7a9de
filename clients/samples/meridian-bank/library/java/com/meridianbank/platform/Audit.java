package com.meridianbank.platform;

/** What the supervisor reads. */
public final class Audit {
    private Audit() {
    }

    /** Write down that something was done. */
    public static void note(String event, Object subject) {
        System.err.println("AUDIT " + event + " " + subject);
    }

    /** Write down that something was asked for and refused. */
    public static void denied(String event, Object subject) {
        System.err.println("AUDIT DENIED " + event + " " + subject);
    }
}

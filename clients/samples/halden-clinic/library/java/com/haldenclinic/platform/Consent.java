package com.haldenclinic.platform;

import java.util.HashSet;
import java.util.Set;

/** What patients have agreed to. */
public final class Consent {
    private static final Set<String> GIVEN = new HashSet<>();

    private Consent() {
    }

    public static void give(String patient, String purpose) {
        GIVEN.add(patient + "/" + purpose);
    }

    /** Stop where the patient has not agreed to this use of the data. */
    public static void check(String patient, String purpose) {
        if (!GIVEN.contains(patient + "/" + purpose)) {
            throw new LabError("no consent of " + patient + " for " + purpose);
        }
    }
}

package com.haldenclinic.platform;

/** How soon a result is needed. */
public enum Urgency {
    ROUTINE,
    SAME_DAY,
    EMERGENCY
}

package com.kestrelfreight.platform;

/** How urgent a consignment is. */
public enum Priority {
    ECONOMY,
    NEXT_DAY,
    SAME_DAY
}

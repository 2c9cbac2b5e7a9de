package com.meridianbank.platform;

/** The way on which an order came in. */
public enum Channel {
    BRANCH,
    ONLINE_BANKING,
    PHONE
}

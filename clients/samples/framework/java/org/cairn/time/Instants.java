package org.cairn.time;

import java.time.Clock;
import java.time.LocalDateTime;

/** Tells what time it is, in UTC. */
public final class Instants {
    private Instants() {
    }

    public static Moment now() {
        return new Moment(LocalDateTime.now(Clock.systemUTC()));
    }

    public static Day today() {
        return now().day();
    }
}

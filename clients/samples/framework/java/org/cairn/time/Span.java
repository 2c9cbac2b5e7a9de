package org.cairn.time;

import java.time.Duration;

/** How long something takes. */
public final class Span {
    private final Duration duration;

    Span(Duration duration) {
        this.duration = duration;
    }

    public long hours() {
        return duration.toHours();
    }

    public long days() {
        return duration.toDays();
    }
}

package org.cairn.time;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A point in time, in UTC. */
public final class Moment {
    private final LocalDateTime time;

    Moment(LocalDateTime time) {
        this.time = time;
    }

    public Moment plusDays(long days) {
        return new Moment(time.plusDays(days));
    }

    public Moment minusDays(long days) {
        return new Moment(time.minusDays(days));
    }

    public Moment plusHours(long hours) {
        return new Moment(time.plusHours(hours));
    }

    public Moment minusHours(long hours) {
        return new Moment(time.minusHours(hours));
    }

    public Moment plusMonths(long months) {
        return new Moment(time.plusMonths(months));
    }

    public boolean isBefore(Moment other) {
        return time.isBefore(other.time);
    }

    public boolean isAfter(Moment other) {
        return time.isAfter(other.time);
    }

    /** Return how long it takes from here to the other moment. */
    public Span until(Moment other) {
        return new Span(Duration.between(time, other.time));
    }

    public Day day() {
        return new Day(time.toLocalDate());
    }

    public String format(String pattern) {
        return time.format(DateTimeFormatter.ofPattern(pattern, Locale.ROOT));
    }
}

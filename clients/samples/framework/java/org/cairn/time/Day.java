package org.cairn.time;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** A day of the calendar. */
public final class Day {
    private final LocalDate date;

    Day(LocalDate date) {
        this.date = date;
    }

    /** Read a day that is written as year-month-day. */
    public static Day parse(String text) {
        return new Day(LocalDate.parse(text));
    }

    public Day plusDays(long days) {
        return new Day(date.plusDays(days));
    }

    public Day minusDays(long days) {
        return new Day(date.minusDays(days));
    }

    public Day plusMonths(long months) {
        return new Day(date.plusMonths(months));
    }

    public boolean isBefore(Day other) {
        return date.isBefore(other.date);
    }

    public boolean isAfter(Day other) {
        return date.isAfter(other.date);
    }

    public Span until(Day other) {
        return new Span(Duration.between(date.atStartOfDay(), other.date.atStartOfDay()));
    }

    public boolean isWeekend() {
        return date.getDayOfWeek() == DayOfWeek.SATURDAY || date.getDayOfWeek() == DayOfWeek.SUNDAY;
    }

    /** Return the first day after this one on which people work. */
    public Day nextWorkday() {
        Day next = plusDays(1);
        while (next.isWeekend()) {
            next = next.plusDays(1);
        }
        return next;
    }

    public Day monthEnd() {
        return new Day(date.withDayOfMonth(date.lengthOfMonth()));
    }

    public int weekOfYear() {
        return date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }

    public Moment atStart() {
        return new Moment(date.atStartOfDay());
    }

    public String format(String pattern) {
        return date.format(DateTimeFormatter.ofPattern(pattern, Locale.ROOT));
    }
}

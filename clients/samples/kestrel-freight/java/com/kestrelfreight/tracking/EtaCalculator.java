package com.kestrelfreight.tracking;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Guesses when a truck arrives. */
public final class EtaCalculator {
    private static final int KM_PER_HOUR = 65;

    private final Moment start;
    private long delayHours;

    public EtaCalculator(Moment start) {
        this.start = start;
    }

    public void addDelay(long hours) {
        Check.that(hours >= 0, "a delay is not negative");
        delayHours = delayHours + hours;
        Events.raise("eta.delayed", hours);
    }

    public Moment arrival(long km) {
        return start.plusHours(km / KM_PER_HOUR + delayHours);
    }

    public Day arrivalDay(long km) {
        final Day day = arrival(km).day();
        return day.isWeekend() ? day.nextWorkday() : day;
    }

    public long hoursLeft(long km) {
        return Instants.now().until(arrival(km)).hours();
    }

    public boolean isOverdue(long km) {
        return Instants.now().isAfter(arrival(km));
    }

    public boolean makes(long km, Moment deadline) {
        return arrival(km).isBefore(deadline);
    }

    public Result<Moment> slot(long km, Moment from, Moment to) {
        final Moment arrival = arrival(km);
        if (arrival.isBefore(from)) {
            return Result.ok(from);
        }
        if (arrival.isAfter(to)) {
            return Result.failed("slot is missed");
        }
        return Result.ok(arrival);
    }

    /** Return how many hours are to spare. */
    public long slack(Moment deadline, long km) {
        return arrival(km).until(deadline).hours();
    }

    public Moment latestStart(Moment deadline, long km) {
        return deadline.minusHours(km / KM_PER_HOUR);
    }

    public long daysUnderway() {
        return start.until(Instants.now()).days();
    }

    public String board(long km) {
        return arrival(km).format("HH:mm") + " week " + arrivalDay(km).weekOfYear();
    }

    public boolean isToday(long km) {
        final Day tomorrow = Instants.today().plusDays(1);
        return arrival(km).isBefore(tomorrow.atStart());
    }
}

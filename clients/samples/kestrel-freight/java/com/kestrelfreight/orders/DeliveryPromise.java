package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** When goods arrive that are ordered now. */
public final class DeliveryPromise {
    private static final int CLOSING_HOUR = 17;

    private final long leadDays;
    private final Day holiday;

    public DeliveryPromise(long leadDays, Day holiday) {
        this.leadDays = leadDays;
        this.holiday = holiday;
    }

    public Moment closing(Day day) {
        return day.atStart().plusHours(CLOSING_HOUR);
    }

    /** Goods that are ordered after closing leave one day later. */
    public Day departure(Moment ordered) {
        final Day day = ordered.day();
        if (ordered.isAfter(closing(day))) {
            return day.nextWorkday();
        }
        return day;
    }

    public Day arrival(Moment ordered) {
        final Day arrival = departure(ordered).plusDays(leadDays);
        return arrival.isWeekend() ? arrival.nextWorkday() : arrival;
    }

    public Result<Day> promise(Moment ordered, Day wanted) {
        if (wanted.isBefore(arrival(ordered))) {
            return Result.failed("cannot be there that soon");
        }
        Events.raise("promise.made", wanted.format("yyyy-MM-dd"));
        return Result.ok(wanted);
    }

    public boolean isBroken(Moment ordered, Moment delivered) {
        return delivered.day().isAfter(arrival(ordered));
    }

    public long daysLate(Moment ordered, Moment delivered) {
        if (!isBroken(ordered, delivered)) {
            return 0;
        }
        return arrival(ordered).until(delivered.day()).days();
    }

    public boolean isHoliday(Day day) {
        return !day.isBefore(holiday) && !day.isAfter(holiday.plusDays(1));
    }

    public String text(Moment ordered) {
        return "arrives on " + arrival(ordered).format("dd.MM.yyyy");
    }

    public int week(Moment ordered) {
        return arrival(ordered).weekOfYear();
    }

    public Day lastOrderDay(Day wanted) {
        Check.that(!wanted.isWeekend(), "no delivery on weekends");
        return wanted.minusDays(leadDays);
    }

    public boolean isThisMonth(Moment ordered) {
        return arrival(ordered).isBefore(Instants.today().monthEnd());
    }

    public Moment refundUntil(Moment delivered) {
        return delivered.plusMonths(2).minusHours(1);
    }
}

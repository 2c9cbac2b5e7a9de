package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Priority;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.time.Day;
import org.cairn.time.Moment;

/** Goods that travel together from one place to another. */
public final class Consignment {
    private final String code;
    private final Weight weight;
    private final Day pickup;
    private final Priority priority;
    private Moment delivered;

    public Consignment(String code, Weight weight, Day pickup, Priority priority) {
        Check.text(code, "code");
        Check.that(weight != null, "weight is missing");
        this.code = code;
        this.weight = weight;
        this.pickup = pickup;
        this.priority = priority;
    }

    public String getCode() {
        return code;
    }

    public Weight getWeight() {
        return weight;
    }

    public Day getPickup() {
        return pickup;
    }

    public boolean isDelivered() {
        return delivered != null;
    }

    public boolean isUrgent() {
        return priority == Priority.SAME_DAY || priority == Priority.NEXT_DAY;
    }

    /** Urgent goods arrive on the next day on which people work. */
    public Day dueDay() {
        if (isUrgent()) {
            return pickup.nextWorkday();
        }
        return pickup.plusDays(5);
    }

    public boolean isLate(Day today) {
        return !isDelivered() && today.isAfter(dueDay());
    }

    public void deliver(Moment moment) {
        Check.that(!isDelivered(), "delivered already");
        delivered = moment;
        Events.raise("consignment.delivered", code);
    }

    public long travelDays() {
        Check.that(isDelivered(), "still on the way");
        return pickup.until(delivered.day()).days();
    }

    public Result<Day> moveTo(Day day) {
        if (day.isBefore(pickup)) {
            return Result.failed("too early");
        }
        if (day.isWeekend()) {
            return Result.failed("closed on weekends");
        }
        return Result.ok(day.plusDays(1));
    }

    public boolean fits(Weight limit) {
        return !weight.heavierThan(limit);
    }

    public String label() {
        return code + " " + pickup.format("dd.MM.yyyy") + " " + weight;
    }
}

package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;

/** The round of one van in the morning. */
public final class PickupRound {
    private final Seq<Consignment> stops = Seq.create();
    private final Log log = Logs.of(PickupRound.class);
    private final Day day;

    public PickupRound(Day day) {
        this.day = day;
    }

    public Result<Integer> add(Consignment consignment) {
        if (consignment.getPickup().isAfter(day)) {
            return Result.failed("not today");
        }
        stops.push(consignment);
        log.info("{} is stop {}", consignment.getCode(), stops.count());
        return Result.ok(stops.count());
    }

    public Weight load() {
        return Weight.kg(stops.total(s -> s.getWeight().getKilograms()));
    }

    public Consignment first() {
        return stops.sortBy(s -> s.getCode()).firstOr(null);
    }

    public boolean isUrgent() {
        return stops.anyOf(s -> s.isUrgent());
    }

    public String sheet() {
        return stops.convert(s -> s.label()).joined("\n");
    }
}

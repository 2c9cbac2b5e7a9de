package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;

/** Trucks that wait for a mechanic. */
public final class RepairShop {
    private final Index<String, Long> hours = Index.create();
    private final Index<String, String> mechanics = Index.create();
    private final Meters meters;
    private final Log log;

    public RepairShop(String place, Meters meters) {
        Check.text(place, "place");
        this.meters = meters;
        log = Logs.of(RepairShop.class).tagged("shop", place);
    }

    public void takeIn(String plate, long estimate) {
        Check.that(estimate > 0, "estimate is missing");
        hours.bind(plate, estimate);
        meters.tick("repairs.begun");
        log.info("{} needs {} hours", plate, estimate);
    }

    public Result<String> assign(String plate, String mechanic) {
        if (mechanics.keys().anyOf(p -> mechanics.lookup(p).equals(mechanic))) {
            return Result.failed(mechanic + " is busy");
        }
        mechanics.bind(plate, mechanic);
        return Result.ok(mechanic);
    }

    public Seq<String> waiting() {
        return hours.keys().keep(p -> !mechanics.holds(p));
    }

    public Result<String> quickest() {
        final Seq<String> waiting = waiting();
        if (waiting.isBare()) {
            return Result.failed("nothing to repair");
        }
        return Result.ok(waiting.sortBy(p -> hours.lookup(p)).at(0));
    }

    public void handOver(String plate) {
        mechanics.unbind(plate);
        hours.unbind(plate);
        Events.raise("repair.done", plate);
    }

    public Index<String, Seq<String>> worklists() {
        return mechanics.keys().groupBy(p -> mechanics.lookup(p));
    }

    /** Whatever is in the hands of this mechanic is ready. */
    public void endShift(String mechanic) {
        try (Scope scope = log.begin("end of shift")) {
            for (String plate : mechanics.keys().keep(p -> mechanics.lookup(p).equals(mechanic))) {
                handOver(plate);
            }
            scope.mark("handed over");
            meters.record("repairs.handover.ms", scope.elapsedMillis());
        }
    }

    public long backlog() {
        return waiting().total(p -> hours.lookupOr(p, 0L));
    }

    public String screen() {
        return hours.keys().convert(p -> p + ": " + mechanics.lookupOr(p, "waits")).joined("; ");
    }
}

package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;

/** All trucks of the company. */
public final class TruckRegister {
    private final Log log = Logs.of(TruckRegister.class);
    private final Index<String, Weight> trucks = Index.create();
    private final Seq<String> broken = Seq.create();
    private final Meters meters;

    public TruckRegister(Meters meters) {
        this.meters = meters;
    }

    public void add(String plate, Weight limit) {
        Check.text(plate, "plate");
        Check.that(!trucks.holds(plate), "truck is known");
        trucks.bind(plate, limit);
        meters.tick("trucks.added");
    }

    public Result<Weight> limitOf(String plate) {
        if (!trucks.holds(plate)) {
            return Result.failed("no truck " + plate);
        }
        return Result.ok(trucks.lookup(plate));
    }

    public void sell(String plate) {
        trucks.unbind(plate);
        log.warn("Truck {} was sold", plate);
        Events.raise("truck.sold", plate);
    }

    public void breakDown(String plate) {
        Check.text(plate, "plate");
        broken.push(plate);
        log.alarm("Truck {} has broken down", plate);
        meters.level("trucks.broken", broken.count());
    }

    public Seq<String> usable() {
        return trucks.keys().keep(p -> !broken.anyOf(b -> b.equals(p)));
    }

    public Result<String> pick(Weight load) {
        final Seq<String> strong = usable().keep(p -> !load.heavierThan(trucks.lookup(p)));
        if (strong.isBare()) {
            return Result.failed("no truck for " + load);
        }
        return Result.ok(strong.sortBy(p -> trucks.lookup(p).getKilograms()).at(0));
    }

    public long capacity() {
        return usable().total(p -> trucks.lookup(p).getKilograms());
    }

    public String board() {
        return usable().convert(p -> p.toUpperCase()).joined(" | ");
    }

    public String firstBroken() {
        return broken.firstOr("none");
    }
}

package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;

/** What the trucks have burnt. */
public final class FuelCards {
    private final Index<String, Long> litres = Index.create();
    private final Meters meters;
    private final Log log = Logs.of(FuelCards.class);

    public FuelCards(Meters meters) {
        this.meters = meters;
    }

    public void fill(String plate, long amount) {
        Check.that(amount > 0, "amount is missing");
        litres.bind(plate, litres.lookupOr(plate, 0L) + amount);
        meters.record("fuel.litres", amount);
    }

    public Result<Long> burnt(String plate) {
        if (!litres.holds(plate)) {
            return Result.failed("never filled");
        }
        return Result.ok(litres.lookup(plate));
    }

    public Seq<String> thirsty(long limit) {
        return litres.keys().keep(p -> litres.lookup(p) > limit);
    }

    public void warn(long limit) {
        for (String plate : thirsty(limit)) {
            log.warn("{} burns too much", plate);
            Events.raise("fuel.high", plate);
        }
    }
}

package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Rows;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Which truck may unload when. */
public final class DepotSlots {
    private final Index<String, Moment> slots = Index.create();
    private final Journal journal;
    private final Log log = Logs.of(DepotSlots.class);

    public DepotSlots(Journal journal) {
        this.journal = journal;
    }

    public Result<Moment> reserve(String plate, Moment wanted) {
        if (wanted.isBefore(Instants.now())) {
            return Result.failed("time has passed");
        }
        if (slots.holds(plate)) {
            return Result.failed("has a slot already");
        }
        slots.bind(plate, wanted);
        journal.enter(plate + " " + wanted.format("HH:mm"));
        return Result.ok(wanted);
    }

    public void release(String plate) {
        Check.text(plate, "plate");
        slots.unbind(plate);
        Events.raise("slot.released", plate);
    }

    public boolean isMissed(String plate) {
        final Moment slot = slots.lookup(plate);
        return slot != null && Instants.now().isAfter(slot.plusHours(1));
    }

    public Seq<String> missed() {
        return slots.keys().keep(p -> isMissed(p));
    }

    public void close() {
        log.info("Depot closes with {} slots", slots.count());
        journal.seal();
    }

    public void load(Rows rows) {
        while (rows.next()) {
            slots.bind(rows.string("plate"), Day.parse(rows.string("day")).atStart());
        }
        log.trace("Loaded {} slots", slots.count());
    }

    public Moment slotOf(String plate) {
        return slots.lookupOr(plate, Instants.now());
    }
}

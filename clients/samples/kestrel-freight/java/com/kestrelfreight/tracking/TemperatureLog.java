package com.kestrelfreight.tracking;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.time.Instants;

/** How warm the cold goods became. */
public final class TemperatureLog {
    private final Journal journal;
    private final Log log = Logs.of(TemperatureLog.class);
    private final Seq<Long> values = Seq.create();

    public TemperatureLog(String plate) {
        Check.text(plate, "plate");
        journal = Ledgers.openJournal("temperature-" + plate);
    }

    public void measure(long degrees) {
        values.push(degrees);
        journal.enter(Instants.now().format("HH:mm") + " " + degrees);
        if (degrees > 8) {
            log.alarm("Goods are at {} degrees", degrees);
        }
    }

    public Result<Long> highest() {
        if (values.isBare()) {
            return Result.failed("nothing measured");
        }
        return Result.ok(values.sortBy(v -> -v).at(0));
    }

    public void close() {
        journal.seal();
        log.info("{} values were measured", values.count());
    }
}

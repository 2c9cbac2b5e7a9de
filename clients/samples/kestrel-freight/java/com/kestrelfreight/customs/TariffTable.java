package com.kestrelfreight.customs;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Scope;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.time.Day;

/** What goods cost at the border. */
public final class TariffTable {
    private final Index<String, Long> tariffs = Index.create();
    private final Log log = Logs.of(TariffTable.class);
    private final Store store;

    public TariffTable(Store store) {
        this.store = store;
    }

    public void load() {
        try (Scope scope = log.begin("tariffs")) {
            final Rows rows = store.query("select code, cents from tariffs");
            while (rows.next()) {
                tariffs.bind(rows.string("code"), rows.number("cents"));
            }
            scope.mark("loaded");
        }
    }

    public Result<Long> duty(String code, Weight weight) {
        Check.text(code, "code");
        if (!tariffs.holds(code)) {
            return Result.failed("no tariff for " + code);
        }
        return Result.ok(tariffs.lookup(code) * weight.getKilograms());
    }

    public long dutyOr(String code, long other) {
        if (log.tracing()) {
            log.trace("Asked for {}", code);
        }
        return tariffs.lookupOr(code, other);
    }

    public Seq<String> dearerThan(long cents) {
        return tariffs.keys().keep(c -> tariffs.lookup(c) > cents).sortBy(c -> c);
    }

    public Index<String, Seq<String>> chapters() {
        return tariffs.keys().groupBy(c -> c.substring(0, 2));
    }

    public void change(String code, long cents) {
        Check.that(cents >= 0, "a tariff is not negative");
        tariffs.bind(code, cents);
        store.change("update tariffs set cents = ? where code = ?", cents, code);
        Events.raise("tariff.changed", code);
    }

    public boolean hasFreeGoods() {
        return tariffs.keys().anyOf(c -> tariffs.lookup(c) == 0);
    }

    public void export(Day day) {
        final Journal journal = Ledgers.openJournal("tariffs-" + day.format("yyyyMMdd"));
        for (String code : tariffs.keys()) {
            journal.enter(code + " " + tariffs.lookup(code));
        }
        journal.seal();
    }
}

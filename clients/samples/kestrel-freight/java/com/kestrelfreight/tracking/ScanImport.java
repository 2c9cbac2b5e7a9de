package com.kestrelfreight.tracking;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Row;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Moment;

/** Reads what the scanners in the depots have seen. */
public final class ScanImport {
    private final Store store;
    private final Meters meters = Meters.shared();
    private final Log log = Logs.of(ScanImport.class);
    private final Index<String, Integer> scans = Index.create();

    public ScanImport(Store store) {
        this.store = store;
    }

    public void scan(String code) {
        Check.text(code, "code");
        scans.bind(code, scans.lookupOr(code, 0) + 1);
        meters.tick("scans.read");
    }

    public Result<Integer> scansOf(String code) {
        if (!scans.holds(code)) {
            return Result.failed("never seen");
        }
        return Result.ok(scans.lookup(code));
    }

    public void save(String depot) {
        final Log depotLog = log.tagged("depot", depot);
        try (Tx tx = store.open()) {
            for (String code : scans.keys()) {
                store.change("insert into scans values (?, ?)", depot, code);
            }
            tx.commit();
        }
        depotLog.info("Saved {} scans", scans.count());
    }

    public boolean trySave(String depot) {
        try {
            save(depot);
            return true;
        } catch (StoreFault ex) {
            log.fail(ex, "Scans are not saved");
            return false;
        }
    }

    public long total() {
        return scans.keys().total(c -> scans.lookup(c));
    }

    public Seq<String> doubles() {
        return scans.keys().keep(c -> scans.lookup(c) > 1);
    }

    public void reportLoad(long millis) {
        meters.record("scans.ms", millis);
        if (doubles().count() > 100) {
            log.warn("{} codes were scanned twice", doubles().count());
        }
    }

    public Result<Moment> lastScan(String code) {
        final Row row = store.one("select day from scans where code = ?", code);
        if (row == null) {
            return Result.failed("no scan of " + code);
        }
        return Result.ok(Day.parse(row.string("day")).atStart());
    }
}

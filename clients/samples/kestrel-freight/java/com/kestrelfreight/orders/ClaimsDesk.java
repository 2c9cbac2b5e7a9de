package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Row;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** What customers want back for damage. */
public final class ClaimsDesk {
    private final Store store;
    private final Log log = Logs.of(ClaimsDesk.class);

    public ClaimsDesk(Store store) {
        this.store = store;
    }

    public Result<Long> raise(String code, long cents) {
        Check.that(cents > 0, "a claim needs an amount");
        final long id = store.nextId("claims");
        store.change("insert into claims values (?, ?, ?)", id, code, cents);
        Events.raise("claim.raised", id);
        return Result.ok(id);
    }

    public Result<Long> amount(long id) {
        final Row row = store.one("select cents from claims where id = ?", id);
        if (row == null) {
            return Result.failed("no claim " + id);
        }
        return Result.ok(row.number("cents"));
    }

    public void pay(long id) {
        try (Tx tx = store.open()) {
            store.change("update claims set paid = 1 where id = ?", id);
            tx.commit();
        }
        log.info("Claim {} is paid", id);
    }

    public boolean isStale(Day raised) {
        return raised.plusMonths(3).isBefore(Instants.today());
    }
}

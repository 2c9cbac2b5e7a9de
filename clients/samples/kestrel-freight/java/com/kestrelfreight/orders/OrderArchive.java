package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Cache;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;

/** Keeps orders for ten years. */
public final class OrderArchive {
    private final Store store;
    private final Log log = Logs.of(OrderArchive.class);
    private final Cache cache;

    public OrderArchive(Store store, Cache cache) {
        this.store = store;
        this.cache = cache;
    }

    public Result<Long> keep(Consignment consignment) {
        Check.that(consignment.isDelivered(), "still on the way");
        final long id = store.nextId("archive");
        store.change("insert into archive values (?, ?)", id, consignment.getCode());
        log.info("Archived {} as {}", consignment.getCode(), id);
        return Result.ok(id);
    }

    public Result<String> label(long id) {
        final Row row = store.one("select label from archive where id = ?", id);
        if (row == null || row.absent("label")) {
            return Result.failed("no label");
        }
        return Result.ok(row.string("label"));
    }

    public Seq<String> codes(Day day) {
        final Seq<String> codes = Seq.create();
        final Rows rows = store.query("select code from archive where day = ?", day.format("yyyy-MM-dd"));
        while (rows.next()) {
            codes.push(rows.string("code"));
        }
        return codes;
    }

    public int purge(Day limit) {
        try (Tx tx = store.open()) {
            final int gone = store.change("delete from archive where day < ?", limit.format("yyyy-MM-dd"));
            tx.commit();
            Events.raise("archive.purged", gone);
            return gone;
        }
    }

    public String cached(String code) {
        final String known = cache.peek(code);
        if (known == null) {
            log.trace("{} is not cached", code);
            return "";
        }
        return known;
    }

    public void remember(Consignment consignment) {
        cache.place(consignment.getCode(), consignment.label());
        Events.raise("archive.cached", consignment.getCode());
    }

    public void forget(String code) {
        Check.text(code, "code");
        cache.evict(code);
        log.info("Forgot {}", code);
    }

    public boolean isPaid(long id) {
        final Row row = store.one("select paid from archive where id = ?", id);
        return row != null && row.flag("paid");
    }

    public Result<Weight> loadOf(long id) {
        final Row row = store.one("select kg from archive where id = ?", id);
        if (row == null) {
            return Result.failed("no order " + id);
        }
        return Result.ok(Weight.kg(row.number("kg")));
    }
}

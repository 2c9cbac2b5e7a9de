package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Cache;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** How much of every reagent is left. */
public final class ReagentStock {
    private final Store m_store;
    private final Cache m_cache;
    private final Log m_log = Logs.of(ReagentStock.class);
    private final Meters m_meters;

    public ReagentStock(Store store, Cache cache, Meters meters) {
        m_store = store;
        m_cache = cache;
        m_meters = meters;
    }

    public void deliver(String reagent, long bottles) {
        m_store.change("update reagents set bottles = bottles + ? where id = ?", bottles, reagent);
        m_cache.evict(reagent);
        m_meters.record("reagents.delivered", bottles);
        m_log.info("{} bottles of {} came in", bottles, reagent);
    }

    public long left(String reagent) {
        Row row = m_store.one("select bottles from reagents where id = ?", reagent);
        if (row == null) {
            throw new LabError("no reagent " + reagent);
        }
        return row.number("bottles");
    }

    public void use(String reagent) {
        try (Tx tx = m_store.open()) {
            if (left(reagent) == 0) {
                tx.undo();
                throw new LabError(reagent + " is used up");
            }
            m_store.change("update reagents set bottles = bottles - 1 where id = ?", reagent);
            tx.commit();
        }
    }

    public void checkAll() {
        Rows rows = m_store.query("select id, bottles from reagents where bottles < 3");
        while (rows.next()) {
            m_log.warn("{} has {} bottles left", rows.string("id"), rows.number("bottles"));
        }
    }

    public Maybe<String> supplier(String reagent) {
        String known = m_cache.peek("supplier " + reagent);
        if (known == null) {
            return Maybe.none();
        }
        return Maybe.some(known);
    }

    public void setSupplier(String reagent, String supplier) {
        m_cache.place("supplier " + reagent, supplier);
        Trace.step("supplier changed", reagent);
    }

    public boolean isCooled(String reagent) {
        Row row = m_store.one("select cooled from reagents where id = ?", reagent);
        return row != null && row.flag("cooled");
    }

    public long order(String reagent, long bottles) {
        long order = m_store.nextId("orders");
        m_store.change("insert into orders values (?, ?, ?)", order, reagent, bottles);
        Trace.step("reagent ordered", reagent);
        return order;
    }

    public boolean isExpired(Day expiry) {
        return expiry.isBefore(Instants.today());
    }

    public void publish(String reagent) {
        m_meters.level("reagents." + reagent, left(reagent));
    }

    public void recall(String lot) {
        m_store.change("delete from reagents where lot = ?", lot);
        m_log.alarm("Lot {} is recalled", lot);
        m_meters.tick("reagents.recalled");
    }
}

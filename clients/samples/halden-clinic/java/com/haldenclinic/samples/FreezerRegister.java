package com.haldenclinic.samples;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Scope;
import org.cairn.store.Cache;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;

/** What lies in which freezer. */
public final class FreezerRegister {
    private final Store m_store;
    private final Cache m_cache;
    private final Log m_log = Logs.of(FreezerRegister.class);

    public FreezerRegister(Store store, Cache cache) {
        m_store = store;
        m_cache = cache;
    }

    public Maybe<String> freezerOf(String barcode) {
        String known = m_cache.peek(barcode);
        if (known != null) {
            return Maybe.some(known);
        }
        Row row = m_store.one("select freezer from boxes where barcode = ?", barcode);
        if (row == null) {
            return Maybe.none();
        }
        return Maybe.some(row.string("freezer"));
    }

    public void put(String barcode, String freezer) {
        m_store.change("insert into boxes values (?, ?)", barcode, freezer);
        m_cache.place(barcode, freezer);
        Trace.step("specimen frozen", barcode);
    }

    public void takeOut(String barcode) {
        m_cache.evict(barcode);
        m_store.change("delete from boxes where barcode = ?", barcode);
        Trace.step("specimen thawed", barcode);
    }

    public long fill(String freezer) {
        Row row = m_store.one("select count(*) as n from boxes where freezer = ?", freezer);
        if (row == null) {
            throw new LabError("no freezer " + freezer);
        }
        return row.number("n");
    }

    /** Freezers of the biobank stay below 60 degrees of frost. */
    public void warm(String freezer, Quantity temperature) {
        if (temperature.above(Quantity.of(-60.0, "C"))) {
            m_log.alarm("Freezer {} is at {}", freezer, temperature);
            Trace.step("freezer warm", freezer);
        }
    }

    public boolean isLocked(String freezer) {
        Row row = m_store.one("select locked from freezers where id = ?", freezer);
        return row != null && row.flag("locked");
    }

    public void empty(String freezer) {
        try (Scope scope = m_log.begin("empty freezer")) {
            Rows rows = m_store.query("select barcode from boxes where freezer = ?", freezer);
            while (rows.next()) {
                takeOut(rows.string("barcode"));
            }
            scope.mark("emptied");
        }
    }

    public void preload() {
        Rows rows = m_store.query("select barcode, freezer from boxes");
        while (rows.next()) {
            m_cache.place(rows.string("barcode"), rows.string("freezer"));
        }
        m_log.trace("Cache is warm");
    }

    public boolean isCached(String barcode) {
        return m_cache.peek(barcode) != null;
    }

    public boolean tryMove(String barcode, String freezer) {
        try {
            takeOut(barcode);
            put(barcode, freezer);
            return true;
        } catch (StoreFault ex) {
            m_log.fail(ex, "Freezer cannot be changed");
            return false;
        }
    }
}

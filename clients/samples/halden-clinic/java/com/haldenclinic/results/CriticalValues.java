package com.haldenclinic.results;

import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.samples.Specimen;
import org.cairn.collect.Index;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;

/** Finds values that cannot wait. */
public final class CriticalValues {
    private final Store m_store;
    private final Log m_log = Logs.of(CriticalValues.class);
    private final Meters m_meters;
    private final Index<String, Quantity> m_limits = Index.create();

    public CriticalValues(Store store, Meters meters) {
        m_store = store;
        m_meters = meters;
    }

    public void limit(String test, Quantity limit) {
        m_limits.bind(test, limit);
        m_log.info("{} is critical above {}", test, limit);
    }

    /** A test without a limit is never critical. */
    public boolean isCritical(String test, Quantity value) {
        Quantity limit = m_limits.lookup(test);
        if (limit == null) {
            m_log.trace("{} has no limit", test);
            return false;
        }
        return value.above(limit);
    }

    public void report(Specimen specimen, String test, Quantity value) {
        if (isCritical(test, value)) {
            m_log.alarm("{} of {} is {}", test, specimen.label(), value);
            m_meters.tick("critical.found");
            Trace.step("critical value", specimen.getBarcode());
        }
    }

    public long pending() {
        Row row = m_store.one("select count(*) as n from calls where answered = 0");
        m_meters.level("critical.pending", row.number("n"));
        return row.number("n");
    }

    public void answered(String barcode, String doctor) {
        Log log = m_log.tagged("barcode", barcode);
        int changed = m_store.change("update calls set answered = 1 where barcode = ?", barcode);
        if (changed == 0) {
            log.warn("{} answered a call that was not made", doctor);
        }
    }

    public void call(String barcode, String ward) {
        long call = m_store.nextId("calls");
        m_store.change("insert into calls values (?, ?, ?)", call, barcode, ward);
        m_log.info("Call {} goes to {}", call, ward);
    }

    public boolean wasCalled(String barcode) {
        return m_store.one("select id from calls where barcode = ?", barcode) != null;
    }

    public void scan() {
        try (Scope scope = m_log.begin("scan")) {
            Rows rows = m_store.query("select barcode from results where critical = 1");
            while (rows.next()) {
                call(rows.string("barcode"), "emergency");
            }
            scope.mark("called");
            m_meters.record("critical.scan.ms", scope.elapsedMillis());
        }
    }

    public void explain(String barcode) {
        if (m_log.tracing()) {
            m_log.trace("{} was called: {}", barcode, wasCalled(barcode));
        }
    }
}

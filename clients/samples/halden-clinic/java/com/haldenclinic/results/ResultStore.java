package com.haldenclinic.results;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.samples.Specimen;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;
import org.cairn.store.Tx;

/** Keeps what was measured. */
public final class ResultStore {
    private final Store m_store;
    private final Log m_log = Logs.of(ResultStore.class);
    private final Meters m_meters = Meters.shared();

    public ResultStore(Store store) {
        m_store = store;
    }

    public void save(Specimen specimen, String test, Quantity value) {
        Consent.check(specimen.getPatient(), "diagnosis");
        long id = m_store.nextId("results");
        m_store.change("insert into results values (?, ?, ?, ?)", id, specimen.getBarcode(), test, value.getAmount());
        m_meters.tick("results.saved");
    }

    public Maybe<Quantity> find(String barcode, String test) {
        Row row = m_store.one("select value, unit from results where barcode = ? and test = ?", barcode, test);
        if (row == null || row.absent("value")) {
            return Maybe.none();
        }
        return Maybe.some(Quantity.of(row.number("value"), row.string("unit")));
    }

    public boolean isReleased(String barcode) {
        Row row = m_store.one("select released from results where barcode = ?", barcode);
        return row != null && row.flag("released");
    }

    public void release(String barcode, String doctor) {
        if (isReleased(barcode)) {
            throw new LabError("released already");
        }
        m_store.change("update results set released = 1, doctor = ? where barcode = ?", doctor, barcode);
        m_log.tagged("doctor", doctor).info("Released {}", barcode);
        Trace.step("result released", barcode);
    }

    public void print(String patient) {
        Consent.check(patient, "printing");
        Rows rows = m_store.query("select test, value from results where patient = ?", patient);
        while (rows.next()) {
            m_log.info("{}: {}", rows.string("test"), rows.number("value"));
        }
    }

    /** Results are never overwritten: the old one goes, the correction is kept apart. */
    public void correct(String barcode, String test, Quantity value) {
        try (Tx tx = m_store.open()) {
            m_store.change("delete from results where barcode = ? and test = ?", barcode, test);
            m_store.change("insert into corrections values (?, ?, ?)", barcode, test, value.getAmount());
            tx.commit();
        }
        Trace.step("result corrected", barcode);
    }

    public boolean trySave(Specimen specimen, String test, Quantity value) {
        try {
            save(specimen, test, value);
            return true;
        } catch (StoreFault ex) {
            m_log.fail(ex, "Result is not saved");
            return false;
        }
    }

    public long open() {
        Row row = m_store.one("select count(*) as n from results where released = 0");
        m_meters.level("results.open", row.number("n"));
        return row.number("n");
    }

    public void export(String file) {
        Journal journal = Ledgers.openJournal(file);
        Rows rows = m_store.query("select barcode, test from results");
        while (rows.next()) {
            journal.enter(rows.string("barcode") + ";" + rows.string("test"));
        }
        journal.seal();
    }

    public double valueOr(String barcode, String test, double other) {
        Maybe<Quantity> found = find(barcode, test);
        return found.orElse(Quantity.of(other, "")).getAmount();
    }
}

package com.haldenclinic.samples;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;

/** Keeps every specimen in the database. */
public final class SpecimenStore {
    private final Store m_store;
    private final Log m_log = Logs.of(SpecimenStore.class);
    private final Meters m_meters;

    public SpecimenStore(Store store, Meters meters) {
        m_store = store;
        m_meters = meters;
    }

    public long register(Specimen specimen) {
        Consent.check(specimen.getPatient(), "storage");
        long id = m_store.nextId("specimens");
        m_store.change("insert into specimens values (?, ?)", id, specimen.getBarcode());
        m_meters.tick("specimens.registered");
        Trace.step("specimen registered", specimen.getBarcode());
        return id;
    }

    public Maybe<String> placeOf(String barcode) {
        Row row = m_store.one("select place from specimens where barcode = ?", barcode);
        if (row == null || row.absent("place")) {
            return Maybe.none();
        }
        return Maybe.some(row.string("place"));
    }

    public boolean exists(String barcode) {
        return m_store.one("select 1 from specimens where barcode = ?", barcode) != null;
    }

    public void move(String barcode, String place) {
        int moved = m_store.change("update specimens set place = ? where barcode = ?", place, barcode);
        if (moved == 0) {
            throw new LabError("no specimen " + barcode);
        }
        Trace.step("specimen moved", barcode);
    }

    public long countOf(String patient) {
        Consent.check(patient, "reading");
        Row row = m_store.one("select count(*) as n from specimens where patient = ?", patient);
        return row.number("n");
    }

    /** Print where the specimens of one patient are. */
    public void list(String patient) {
        Rows rows = m_store.query("select barcode, place from specimens where patient = ?", patient);
        while (rows.next()) {
            m_log.info("{} is at {}", rows.string("barcode"), rows.string("place"));
        }
    }

    public boolean isFrozen(String barcode) {
        Row row = m_store.one("select frozen from specimens where barcode = ?", barcode);
        return row != null && row.flag("frozen");
    }

    public void discard(String barcode) {
        try (Tx tx = m_store.open()) {
            m_store.change("delete from aliquots where barcode = ?", barcode);
            m_store.change("delete from specimens where barcode = ?", barcode);
            tx.commit();
        }
        m_log.warn("Specimen {} was discarded", barcode);
    }

    public boolean swap(String first, String second) {
        try (Tx tx = m_store.open()) {
            int changed = m_store.change("update specimens set barcode = ? where barcode = ?", second, first);
            if (changed != 1) {
                tx.undo();
                return false;
            }
            tx.commit();
            return true;
        }
    }

    public void measureLoad() {
        Row row = m_store.one("select count(*) as n from specimens");
        m_meters.level("specimens.kept", row.number("n"));
        if (m_log.tracing()) {
            m_log.trace("{} specimens are kept", row.number("n"));
        }
    }
}

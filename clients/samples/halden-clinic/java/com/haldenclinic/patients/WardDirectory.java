package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;
import org.cairn.store.Cache;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;

/** Which patient lies where. */
public final class WardDirectory {
    private final Store m_store;
    private final Cache m_cache;
    private final Log m_log = Logs.of(WardDirectory.class);
    private final Meters m_meters;

    public WardDirectory(Store store, Cache cache, Meters meters) {
        m_store = store;
        m_cache = cache;
        m_meters = meters;
    }

    public void admit(String patient, String ward) {
        Consent.check(patient, "treatment");
        m_store.change("insert into stays values (?, ?)", patient, ward);
        m_cache.place(patient, ward);
        m_log.info("{} lies in {}", patient, ward);
    }

    public void release(String patient) {
        m_store.change("delete from stays where patient = ?", patient);
        m_cache.evict(patient);
        m_meters.tick("ward.released");
        Trace.step("patient released", patient);
    }

    public Maybe<String> wardOf(String patient) {
        String ward = m_cache.peek(patient);
        if (ward == null) {
            return Maybe.none();
        }
        return Maybe.some(ward);
    }

    public String wardName(String patient) {
        return wardOf(patient).orElse("outpatient");
    }

    public void transfer(String patient, String ward) {
        try (Tx tx = m_store.open()) {
            if (m_store.change("update stays set ward = ? where patient = ?", ward, patient) == 0) {
                tx.undo();
                throw new LabError("patient is not in the house");
            }
            tx.commit();
        }
        m_cache.place(patient, ward);
    }

    public long beds(String ward) {
        Row row = m_store.one("select beds from wards where id = ?", ward);
        return row == null ? 0 : row.number("beds");
    }

    public boolean isClosed(String ward) {
        Row row = m_store.one("select closed from wards where id = ?", ward);
        return row != null && row.flag("closed");
    }

    /** Read all stays again, as after a restart. */
    public void reload() {
        try (Scope scope = m_log.begin("reload wards")) {
            Rows rows = m_store.query("select patient, ward from stays");
            while (rows.next()) {
                m_cache.place(rows.string("patient"), rows.string("ward"));
            }
            m_meters.record("ward.reload.ms", scope.elapsedMillis());
        }
    }

    public void isolate(String patient) {
        m_store.change("update stays set isolated = 1 where patient = ?", patient);
        m_log.alarm("{} is isolated", patient);
        Trace.step("patient isolated", patient);
    }

    public void forget(String patient) {
        if (m_cache.peek(patient) != null) {
            m_cache.evict(patient);
            m_log.trace("Forgot {}", patient);
        }
    }

    public Seq<String> patientsIn(String ward) {
        Seq<String> patients = Seq.create();
        Rows rows = m_store.query("select patient from stays where ward = ?", ward);
        while (rows.next()) {
            patients.push(rows.string("patient"));
        }
        return patients;
    }
}

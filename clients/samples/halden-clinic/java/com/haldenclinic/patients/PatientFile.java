package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;

/** What is known of one patient. */
public final class PatientFile {
    private final Store m_store;
    private final String m_patient;
    private final Log m_log = Logs.of(PatientFile.class);

    public PatientFile(Store store, String patient) {
        m_store = store;
        m_patient = patient;
    }

    public String getPatient() {
        return m_patient;
    }

    public String name() {
        Consent.check(m_patient, "reading");
        Row row = m_store.one("select name from patients where id = ?", m_patient);
        if (row == null) {
            throw new LabError("unknown patient " + m_patient);
        }
        return row.string("name");
    }

    public Maybe<String> bloodGroup() {
        Row row = m_store.one("select blood from patients where id = ?", m_patient);
        if (row == null || row.absent("blood")) {
            return Maybe.none();
        }
        return Maybe.some(row.string("blood"));
    }

    public boolean isAllergicTo(String drug) {
        Consent.check(m_patient, "allergies");
        Row row = m_store.one("select severe from allergies where patient = ? and drug = ?", m_patient, drug);
        return row != null && row.flag("severe");
    }

    public void addAllergy(String drug, boolean severe) {
        Consent.check(m_patient, "allergies");
        m_store.change("insert into allergies values (?, ?, ?)", m_patient, drug, severe);
        Trace.step("allergy added", m_patient);
    }

    public String shownGroup() {
        return bloodGroup().orElse("not determined");
    }

    /** Return the age in whole years, give or take leap days. */
    public long age(Day today) {
        Row row = m_store.one("select born from patients where id = ?", m_patient);
        return Day.parse(row.string("born")).until(today).days() / 365;
    }

    /** Take everything of the patient out of the database. */
    public void erase() {
        try (Tx tx = m_store.open()) {
            m_store.change("delete from allergies where patient = ?", m_patient);
            m_store.change("delete from patients where id = ?", m_patient);
            tx.commit();
        }
        m_log.warn("Patient {} was erased", m_patient);
    }

    public void rename(String name) {
        int changed = m_store.change("update patients set name = ? where id = ?", name, m_patient);
        if (changed != 1) {
            throw new LabError("cannot rename " + m_patient);
        }
        Trace.step("patient renamed", m_patient);
    }

    public void printAllergies() {
        Rows rows = m_store.query("select drug, severe from allergies where patient = ?", m_patient);
        while (rows.next()) {
            m_log.info("{} severe: {}", rows.string("drug"), rows.flag("severe"));
        }
    }

    public void logAccess(String reader) {
        Journal journal = Ledgers.openJournal("access-" + m_patient);
        journal.enter(reader);
        journal.seal();
        m_log.tagged("reader", reader).info("File was read");
    }
}

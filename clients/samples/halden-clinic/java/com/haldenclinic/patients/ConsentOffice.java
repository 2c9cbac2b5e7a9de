package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;

/** Keeps what patients have signed. */
public final class ConsentOffice {
    private final Store m_store;
    private final Journal m_journal = Ledgers.openJournal("consent");
    private final Log m_log = Logs.of(ConsentOffice.class);
    private final Meters m_meters = Meters.shared();

    public ConsentOffice(Store store) {
        m_store = store;
    }

    public void sign(String patient, String purpose) {
        long form = m_store.nextId("forms");
        m_store.change("insert into forms values (?, ?, ?)", form, patient, purpose);
        m_journal.enter(patient + " signed " + purpose);
        Trace.step("consent signed", patient);
    }

    public void withdraw(String patient, String purpose) {
        Consent.check(patient, purpose);
        m_store.change("delete from forms where patient = ? and purpose = ?", patient, purpose);
        m_journal.enter(patient + " withdrew " + purpose);
        m_meters.tick("consent.withdrawn");
    }

    public Maybe<Long> formOf(String patient, String purpose) {
        Row row = m_store.one("select id from forms where patient = ? and purpose = ?", patient, purpose);
        if (row == null) {
            return Maybe.none();
        }
        return Maybe.some(row.number("id"));
    }

    public boolean hasSigned(String patient, String purpose) {
        return formOf(patient, purpose).isPresent();
    }

    public void demand(String patient, String purpose) {
        if (!hasSigned(patient, purpose)) {
            m_log.warn("{} has not signed {}", patient, purpose);
            throw new LabError("consent is missing");
        }
    }

    public void copyTo(String archive) {
        Journal copy = Ledgers.openJournal(archive);
        Rows rows = m_store.query("select patient, purpose from forms");
        while (rows.next()) {
            copy.enter(rows.string("patient") + " " + rows.string("purpose"));
        }
        copy.seal();
    }

    public boolean tryCopy(String archive) {
        try {
            copyTo(archive);
            return true;
        } catch (StoreFault ex) {
            m_log.fail(ex, "Forms cannot be copied");
            return false;
        }
    }

    public void close() {
        m_journal.seal();
        m_log.info("Consent office is closed");
    }

    public void count() {
        Row row = m_store.one("select count(*) as n from forms");
        m_meters.level("consent.forms", row.number("n"));
    }
}

package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.samples.Specimen;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;

/** What an instrument did in one run. */
public final class RunJournal {
    private final Log m_log;
    private final Journal m_journal;
    private final Meters m_meters;
    private long m_errors;

    public RunJournal(String instrument, Meters meters) {
        m_log = Logs.of(RunJournal.class).tagged("instrument", instrument);
        m_journal = Ledgers.openJournal("run-" + instrument);
        m_meters = meters;
    }

    public void start(String method) {
        m_errors = 0;
        m_journal.enter("start " + method);
        m_log.info("Method {} has started", method);
    }

    public void value(String barcode, Quantity value) {
        m_journal.enter(barcode + " " + value);
        m_meters.tick("run.values");
        if (m_log.tracing()) {
            m_log.trace("{} has {}", barcode, value);
        }
    }

    public void error(String barcode, Exception cause) {
        m_errors = m_errors + 1;
        m_journal.enter(barcode + " failed");
        m_log.fail(cause, "Measurement failed");
        m_meters.tick("run.errors");
    }

    /** A clogged needle stops the run: the next values would be wrong. */
    public void clog(String needle) {
        m_log.alarm("Needle {} is clogged", needle);
        Trace.step("needle clogged", needle);
        throw new LabError("run was stopped");
    }

    public void washed(long millis) {
        m_meters.record("run.wash.ms", millis);
        m_log.trace("Washing took {} ms", millis);
    }

    public void finish() {
        m_journal.enter("errors " + m_errors);
        m_journal.seal();
        m_meters.level("run.errors.last", m_errors);
    }

    public boolean isBad() {
        if (m_errors > 3) {
            m_log.warn("Run has {} errors", m_errors);
        }
        return m_errors > 3;
    }

    public void repeat(Specimen specimen) {
        try (Scope scope = m_log.begin("repeat")) {
            m_journal.enter("repeat " + specimen.getBarcode());
            scope.mark("noted");
            Trace.step("measurement repeated", specimen.getBarcode());
            m_meters.record("run.repeat.ms", scope.elapsedMillis());
        }
    }

    public Log forSpecimen(Specimen specimen) {
        return m_log.tagged("barcode", specimen.getBarcode());
    }
}

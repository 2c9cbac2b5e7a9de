package com.haldenclinic.samples;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;

/** Writes down who carried what. */
public final class CourierLog {
    private final Journal m_journal;
    private final Log m_log;
    private final Meters m_meters = Meters.shared();

    public CourierLog(String courier) {
        m_journal = Ledgers.openJournal("courier-" + courier);
        m_log = Logs.of(CourierLog.class).tagged("courier", courier);
    }

    public void pickUp(Specimen specimen) {
        if (specimen.isEmergency()) {
            m_log.alarm("Emergency {} is on its way", specimen.label());
        }
        m_journal.enter("up " + specimen.getBarcode());
        m_meters.tick("courier.up");
    }

    public void handOver(Specimen specimen, String ward) {
        m_journal.enter("down " + specimen.getBarcode() + " " + ward);
        specimen.moveTo(ward);
        m_meters.tick("courier.down");
    }

    public void temperature(Quantity value) {
        m_journal.enter("temperature " + value);
        if (value.above(Quantity.of(8.0, "C"))) {
            m_log.warn("Box is at {}", value);
        }
    }

    public void waited(long millis) {
        m_meters.record("courier.waited", millis);
        m_log.trace("Waited {} ms", millis);
    }

    public void lose(String barcode) {
        m_journal.enter("lost " + barcode);
        m_log.alarm("Specimen {} is lost", barcode);
        Trace.step("specimen lost", barcode);
    }

    public void endTour(long boxes) {
        m_journal.seal();
        m_meters.level("courier.boxes", boxes);
        m_log.info("Tour ended with {} boxes", boxes);
    }

    public void note(String text) {
        if (text.isEmpty()) {
            throw new LabError("note is empty");
        }
        m_journal.enter("note " + text);
    }

    public void delayed(Exception cause) {
        m_log.fail(cause, "Tour is delayed");
        m_meters.tick("courier.delayed");
    }
}

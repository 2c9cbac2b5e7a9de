package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;
import org.cairn.store.Tx;
import org.cairn.time.Day;

/** When an instrument was calibrated, and how well. */
public final class CalibrationLog {
    private final Store m_store;
    private final Log m_log = Logs.of(CalibrationLog.class);
    private final Meters m_meters = Meters.shared();

    public CalibrationLog(Store store) {
        m_store = store;
    }

    public void calibrated(String instrument, Quantity slope) {
        long id = m_store.nextId("calibrations");
        m_store.change("insert into calibrations values (?, ?, ?)", id, instrument, slope.getAmount());
        m_meters.tick("calibrations.done");
        Trace.step("instrument calibrated", instrument);
    }

    public boolean isValid(String instrument) {
        Row row = m_store.one("select valid from calibrations where instrument = ?", instrument);
        if (row == null) {
            m_log.warn("{} was never calibrated", instrument);
            return false;
        }
        return row.flag("valid");
    }

    public void demandValid(String instrument) {
        if (!isValid(instrument)) {
            throw new LabError("calibrate " + instrument);
        }
    }

    public Maybe<Long> lotOf(String instrument) {
        Row row = m_store.one("select lot from calibrations where instrument = ?", instrument);
        if (row == null || row.absent("lot")) {
            return Maybe.none();
        }
        return Maybe.some(row.number("lot"));
    }

    /** Calibrations with a bad lot do not count any more. */
    public void invalidate(String lot) {
        int changed = m_store.change("update calibrations set valid = 0 where lot = ?", lot);
        m_log.alarm("Lot {} made {} calibrations invalid", lot, changed);
        m_meters.record("calibrations.invalid", changed);
    }

    public void report(String instrument) {
        Log log = m_log.tagged("instrument", instrument);
        Rows rows = m_store.query("select lot, valid from calibrations where instrument = ?", instrument);
        while (rows.next()) {
            log.info("Lot {} valid: {}", rows.number("lot"), rows.flag("valid"));
        }
    }

    public void drift(String instrument, Quantity drift, Quantity limit) {
        if (drift.above(limit)) {
            m_log.warn("{} drifts by {}", instrument, drift);
            Trace.step("instrument drifts", instrument);
        }
    }

    public Day nextDue(Day last) {
        return last.plusMonths(3);
    }

    public boolean tryCalibrate(String instrument, Quantity slope) {
        try {
            calibrated(instrument, slope);
            return true;
        } catch (StoreFault ex) {
            m_log.fail(ex, "Calibration is lost");
            return false;
        }
    }

    public void cleanUp() {
        try (Tx tx = m_store.open()) {
            int gone = m_store.change("delete from calibrations where valid = 0");
            tx.commit();
            m_log.info("{} calibrations are gone", gone);
        }
    }
}

package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** When patients come to give blood. */
public final class AppointmentBook {
    private final Index<String, Moment> m_appointments = Index.create();
    private final Log m_log = Logs.of(AppointmentBook.class);
    private final Store m_store;

    public AppointmentBook(Store store) {
        m_store = store;
    }

    public void book(String patient, Moment moment) {
        Consent.check(patient, "appointments");
        if (moment.isBefore(Instants.now())) {
            throw new LabError("time has passed");
        }
        m_appointments.bind(patient, moment);
        Trace.step("appointment booked", patient);
    }

    public Maybe<Moment> of(String patient) {
        if (!m_appointments.holds(patient)) {
            return Maybe.none();
        }
        return Maybe.some(m_appointments.lookup(patient));
    }

    public void cancel(String patient) {
        m_appointments.unbind(patient);
        m_store.change("delete from appointments where patient = ?", patient);
        m_log.info("{} does not come", patient);
    }

    public Day nextFree(Day wanted) {
        Day day = wanted.plusDays(1);
        if (day.isWeekend()) {
            return day.nextWorkday();
        }
        return day;
    }

    public boolean isToday(String patient) {
        Day tomorrow = Instants.today().plusDays(1);
        return m_appointments.holds(patient) && m_appointments.lookup(patient).isBefore(tomorrow.atStart());
    }

    public Seq<String> late() {
        Moment now = Instants.now();
        return m_appointments.keys().keep(p -> now.isAfter(m_appointments.lookup(p).plusHours(1)));
    }

    public long hoursUntil(String patient) {
        if (!m_appointments.holds(patient)) {
            throw new LabError("no appointment");
        }
        return Instants.now().until(m_appointments.lookup(patient)).hours();
    }

    public String list() {
        return m_appointments.keys().convert(p -> p + " " + m_appointments.lookup(p).format("HH:mm")).joined("\n");
    }

    public Moment reminder(String patient) {
        return m_appointments.lookup(patient).minusDays(2);
    }

    public void load() {
        Rows rows = m_store.query("select patient, day from appointments");
        while (rows.next()) {
            m_appointments.bind(rows.string("patient"), Day.parse(rows.string("day")).atStart());
        }
    }
}

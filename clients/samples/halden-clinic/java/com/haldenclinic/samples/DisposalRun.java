package com.haldenclinic.samples;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Throws away what nobody needs any more. */
public final class DisposalRun {
    private final SpecimenStore m_specimens;
    private final Seq<Specimen> m_marked = Seq.create();
    private final Log m_log = Logs.of(DisposalRun.class);
    private Day m_day = Instants.today();

    public DisposalRun(SpecimenStore specimens) {
        m_specimens = specimens;
    }

    public void mark(Specimen specimen) {
        Consent.check(specimen.getPatient(), "disposal");
        m_marked.push(specimen);
        m_log.trace("{} is marked", specimen.label());
    }

    public int run() {
        for (Specimen specimen : m_marked.keep(s -> !s.isEmergency())) {
            m_specimens.discard(specimen.getBarcode());
        }
        m_log.info("Disposed of {} specimens", m_marked.count());
        return m_marked.count();
    }

    public Maybe<Specimen> first() {
        if (m_marked.isBare()) {
            return Maybe.none();
        }
        return Maybe.some(m_marked.at(0));
    }

    public void postpone(long days) {
        Day later = m_day.plusDays(days);
        m_day = later.isWeekend() ? later.nextWorkday() : later;
        Trace.step("disposal postponed", m_day.format("yyyy-MM-dd"));
    }

    public boolean isDue() {
        return !Instants.today().isBefore(m_day);
    }

    public String barcodes() {
        return m_marked.convert(s -> s.getBarcode()).joined(" ");
    }

    public boolean holds(String patient) {
        return m_marked.anyOf(s -> s.getPatient().equals(patient));
    }
}

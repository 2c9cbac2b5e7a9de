package com.haldenclinic.results;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.samples.Specimen;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** How long doctors have waited for results. */
public final class TurnaroundReport {
    private final Index<String, Moment> m_started = Index.create();
    private final Seq<Long> m_hours = Seq.create();
    private final Log m_log = Logs.of(TurnaroundReport.class);

    public void start(Specimen specimen) {
        m_started.bind(specimen.getBarcode(), Instants.now());
        Trace.step("clock started", specimen.getBarcode());
    }

    public void stop(String barcode) {
        if (!m_started.holds(barcode)) {
            throw new LabError("clock was not started");
        }
        m_hours.push(m_started.lookup(barcode).until(Instants.now()).hours());
        m_started.unbind(barcode);
    }

    public long average() {
        if (m_hours.isBare()) {
            return 0;
        }
        return m_hours.total(h -> h) / m_hours.count();
    }

    public Maybe<Long> longest() {
        if (m_hours.isBare()) {
            return Maybe.none();
        }
        return Maybe.some(m_hours.sortBy(h -> -h).at(0));
    }

    public Seq<String> overdue(long limit) {
        Moment latest = Instants.now().minusHours(limit);
        return m_started.keys().keep(b -> m_started.lookup(b).isBefore(latest));
    }

    public boolean isAnyOlderThan(Day day) {
        return m_started.keys().anyOf(b -> m_started.lookup(b).day().isBefore(day));
    }

    public String title(Day day) {
        return "Week " + day.weekOfYear() + " until " + day.monthEnd().format("dd.MM.yyyy");
    }

    public void warn(long limit) {
        for (String barcode : overdue(limit)) {
            m_log.warn("{} is overdue", barcode);
            Trace.step("result overdue", barcode);
        }
    }

    public Moment deadline(String barcode) {
        return m_started.lookupOr(barcode, Instants.now()).plusHours(24);
    }
}

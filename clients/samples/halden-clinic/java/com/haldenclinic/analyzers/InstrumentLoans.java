package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Lends instruments to researchers by the hour. */
public final class InstrumentLoans {
    private final Index<String, String> m_methods = Index.create();
    private final Index<String, Moment> m_lent = Index.create();
    private final Log m_log = Logs.of(InstrumentLoans.class);
    private final Meters m_meters = Meters.shared();

    public void offer(String instrument, String method) {
        if (method.isEmpty()) {
            throw new LabError("what does " + instrument + " measure");
        }
        m_methods.bind(instrument, method);
    }

    public Answer borrow(Request request) {
        String instrument = request.segment(1);
        if (m_lent.holds(instrument)) {
            return Answer.refused(instrument + " is lent");
        }
        m_lent.bind(instrument, Instants.now().plusHours(Long.parseLong(request.body())));
        return Answer.made(instrument);
    }

    public Answer extend(Request request) {
        Moment end = m_lent.lookup(request.segment(1)).plusHours(1);
        if (end.day().isAfter(Instants.today())) {
            return Answer.refused("nobody works at night");
        }
        m_lent.bind(request.segment(1), end);
        return Answer.of("extended");
    }

    public Answer bringBack(Request request) {
        String instrument = request.segment(1);
        m_lent.unbind(instrument);
        m_meters.tick("loans.ended");
        Trace.step("instrument is back", instrument);
        return Answer.of("thank you");
    }

    public Maybe<String> freeFor(String method) {
        Seq<String> free = m_methods.keys().keep(i -> m_methods.lookup(i).equals(method) && !m_lent.holds(i));
        if (free.isBare()) {
            return Maybe.none();
        }
        return Maybe.some(free.at(0));
    }

    public Answer search(Request request) {
        String method = request.param("method");
        if (!m_methods.keys().anyOf(i -> m_methods.lookup(i).equals(method))) {
            return Answer.invalid("nothing measures that");
        }
        return Answer.of(freeFor(method).orElse("all are lent"));
    }

    public void remind() {
        Moment limit = Instants.now().minusHours(2);
        for (String instrument : m_lent.keys()) {
            if (m_lent.lookup(instrument).isBefore(limit)) {
                m_log.warn("{} is not back yet", instrument);
            }
        }
    }

    public String timetable() {
        Seq<String> lines = m_lent.keys().convert(i -> i + " until " + m_lent.lookup(i).format("HH:mm"));
        return lines.joined("; ");
    }

    public Quantity fee(Moment from, Moment to) {
        return Quantity.of(from.until(to).hours() * 12.5, "EUR");
    }
}

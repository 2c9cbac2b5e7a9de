package com.haldenclinic.samples;

import com.haldenclinic.platform.Trace;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** Tells couriers where to go. */
public final class CourierApi {
    private final Seq<String> m_stops = Seq.create();
    private final Log m_log = Logs.of(CourierApi.class);

    public Answer add(Request request) {
        m_stops.push(request.body());
        m_log.info("{} stops are planned", m_stops.count());
        return Answer.made(request.body());
    }

    public Answer next(Request request) {
        if (m_stops.isBare()) {
            return Answer.missing("no stop is left");
        }
        Trace.step("courier sent", m_stops.at(0));
        return Answer.of(m_stops.at(0));
    }

    public Answer find(Request request) {
        String ward = request.param("ward");
        if (ward == null) {
            return Answer.invalid("ward is missing");
        }
        return m_stops.anyOf(s -> s.equals(ward)) ? Answer.of(ward) : Answer.missing("not on the tour");
    }

    public String tour() {
        return m_stops.sortBy(s -> s).joined(" - ");
    }
}

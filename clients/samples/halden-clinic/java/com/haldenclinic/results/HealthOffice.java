package com.haldenclinic.results;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.http.Answer;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;

/** Tells the authorities about germs that spread. */
public final class HealthOffice {
    private final Caller m_office;
    private final String m_district;
    private final Index<String, Long> m_germs = Index.create();
    private final Log m_log = Logs.of(HealthOffice.class);

    public HealthOffice(Caller office, String district) {
        m_office = office;
        m_office.withHeader("X-District", district);
        m_district = district;
    }

    public String getDistrict() {
        return m_district;
    }

    public void count(String germ) {
        m_germs.bind(germ, m_germs.lookupOr(germ, 0L) + 1);
    }

    public Maybe<String> tell(String germ) {
        Reply reply = m_office.post("/cases", Form.of("germ", germ).and("district", m_district));
        if (!reply.isFine()) {
            m_log.alarm("{} was not told: {}", germ, reply.text());
            return Maybe.none();
        }
        return Maybe.some(reply.field("number"));
    }

    public void confirm(String number, Quantity titre, Quantity cutoff) {
        if (!titre.above(cutoff)) {
            throw new LabError(titre + " confirms nothing");
        }
        m_office.put("/cases/" + number, Form.of("titre", titre));
    }

    public Maybe<Day> closedOn(String number) {
        String day = m_office.get("/cases/" + number).field("closed");
        if (day == null) {
            return Maybe.none();
        }
        return Maybe.some(Day.parse(day));
    }

    /** Return how many of a hundred cases are of this germ. */
    public long share(String germ) {
        long all = m_germs.keys().total(g -> m_germs.lookup(g));
        return all == 0 ? 0 : m_germs.lookupOr(germ, 0L) * 100 / all;
    }

    public Answer inquire(Request request) {
        String germ = request.segment(2);
        if (!m_germs.holds(germ)) {
            return Answer.missing(germ + " was not found here");
        }
        Trace.step("office inquired", germ);
        return Answer.of(m_germs.lookup(germ));
    }

    public boolean isReportDue(Day today) {
        return today.isAfter(today.monthEnd().minusDays(3));
    }
}

package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Asks patients to come again. */
public final class RecallLetters {
    private final Caller m_post;

    public RecallLetters(Caller post) {
        m_post = post;
    }

    public void send(String patient, Day day) {
        Consent.check(patient, "letters");
        Reply reply = m_post.post("/letters", Form.of("patient", patient).and("day", day.format("yyyy-MM-dd")));
        if (!reply.isFine()) {
            throw new LabError("letter was refused");
        }
        Trace.step("letter sent", patient);
    }

    public Day nextVisit(Day last) {
        Day next = last.plusMonths(6);
        return next.isWeekend() ? next.nextWorkday() : next;
    }

    public Maybe<String> state(String letter) {
        Reply reply = m_post.get("/letters/" + letter);
        if (reply.status() == 404) {
            return Maybe.none();
        }
        return Maybe.some(reply.field("state"));
    }

    public boolean isOverdue(Day last) {
        return nextVisit(last).isBefore(Instants.today());
    }
}

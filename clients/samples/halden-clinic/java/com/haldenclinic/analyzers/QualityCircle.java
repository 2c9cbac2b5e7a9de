package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Seq;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** Sends control values to the national circle. */
public final class QualityCircle {
    private final Caller m_circle;
    private final Seq<Quantity> m_controls = Seq.create();
    private final Log m_log = Logs.of(QualityCircle.class);

    public QualityCircle(String address) {
        m_circle = Caller.to(address);
        m_circle.withHeader("X-Laboratory", "HALDEN");
    }

    public void control(Quantity value) {
        m_controls.push(value);
        m_log.trace("Control is {}", value);
    }

    public void submit(String round) {
        for (Quantity value : m_controls) {
            Reply reply = m_circle.post("/rounds/" + round, Form.of("value", value.getAmount()));
            if (!reply.isFine()) {
                throw new LabError(reply.text());
            }
        }
        Trace.step("circle submitted", round);
    }

    public boolean isPassed(String round) {
        return m_circle.get("/rounds/" + round).field("passed").equals("yes");
    }

    public long above(Quantity limit) {
        return m_controls.keep(c -> c.above(limit)).count();
    }
}

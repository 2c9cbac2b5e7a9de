package com.haldenclinic.analyzers;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.samples.Specimen;
import org.cairn.http.Answer;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.time.Day;

/** Talks to one instrument over the network. */
public final class InstrumentLink {
    private final Caller m_instrument;
    private final Log m_log = Logs.of(InstrumentLink.class);
    private final Meters m_meters = Meters.shared();

    public InstrumentLink(String address) {
        m_instrument = Caller.to(address);
        m_instrument.withHeader("Accept", "text/plain");
        m_log.info("Instrument is at {}", address);
    }

    public void order(Specimen specimen, String test) {
        Consent.check(specimen.getPatient(), "diagnosis");
        Reply reply = m_instrument.post("/orders", Form.of("barcode", specimen.getBarcode()).and("test", test));
        if (!reply.isFine()) {
            throw new LabError("order was refused: " + reply.text());
        }
        Trace.step("test ordered", specimen.getBarcode());
    }

    public Maybe<Quantity> result(String barcode) {
        Reply reply = m_instrument.get("/results/" + barcode);
        if (reply.status() == 404) {
            return Maybe.none();
        }
        return Maybe.some(Quantity.of(Long.parseLong(reply.field("value")), reply.field("unit")));
    }

    public void cancel(String barcode) {
        Reply reply = m_instrument.drop("/orders/" + barcode);
        m_meters.tick("link.cancelled");
        m_log.info("Cancelling gave {}", reply.status());
    }

    public void hurry(String barcode) {
        Reply reply = m_instrument.put("/orders/" + barcode, Form.of("urgent", 1));
        if (!reply.isFine()) {
            m_log.warn("{} cannot be hurried", barcode);
        }
    }

    public boolean isReady() {
        try {
            return m_instrument.get("/state").field("state").equals("ready");
        } catch (CallFault ex) {
            m_log.fail(ex, "Instrument is away");
            return false;
        }
    }

    public Maybe<String> serial(Reply reply) {
        String serial = reply.header("X-Serial");
        if (serial == null) {
            return Maybe.none();
        }
        return Maybe.some(serial);
    }

    public Day serviceDay() {
        Reply reply = m_instrument.get("/service");
        return Day.parse(reply.text()).nextWorkday();
    }

    public Answer push(Request request) {
        String barcode = request.param("barcode");
        if (barcode == null) {
            return Answer.invalid("barcode is missing");
        }
        Trace.step("value pushed", barcode);
        return Answer.made(barcode);
    }
}

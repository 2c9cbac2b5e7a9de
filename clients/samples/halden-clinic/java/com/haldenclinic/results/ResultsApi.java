package com.haldenclinic.results;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import com.haldenclinic.platform.Trace;
import org.cairn.http.Answer;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** Shows results to the wards. */
public final class ResultsApi {
    private final ResultStore m_results;
    private final Caller m_printer;
    private final Log m_log = Logs.of(ResultsApi.class);

    public ResultsApi(ResultStore results, Caller printer) {
        m_results = results;
        m_printer = printer;
    }

    public Answer released(Request request) {
        String barcode = request.segment(1);
        if (!m_results.isReleased(barcode)) {
            return Answer.refused("not released");
        }
        Trace.step("result read", barcode);
        return Answer.of(barcode);
    }

    public Answer value(Request request) {
        String test = request.param("test");
        if (test == null) {
            return Answer.invalid("test is missing");
        }
        Maybe<Quantity> found = m_results.find(request.segment(1), test);
        if (!found.isPresent()) {
            return Answer.missing("not measured");
        }
        return Answer.of(found.orElse(null));
    }

    public Answer release(Request request) {
        m_results.release(request.segment(1), request.body());
        m_log.info("{} came by web", request.segment(1));
        return Answer.made(request.segment(1));
    }

    public void print(String barcode) {
        Reply reply = m_printer.post("/jobs", Form.of("barcode", barcode));
        if (!reply.isFine()) {
            throw new LabError("printer said " + reply.status());
        }
        Trace.step("result printed", barcode);
    }

    public boolean isPrinterReady() {
        try {
            return m_printer.get("/state").text().equals("ready");
        } catch (CallFault ex) {
            m_log.fail(ex, "Printer is away");
            return false;
        }
    }

    public Maybe<String> job(String job) {
        Reply reply = m_printer.get("/jobs/" + job);
        if (reply.status() == 404) {
            return Maybe.none();
        }
        return Maybe.some(reply.field("state"));
    }
}

package com.haldenclinic.samples;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.platform.Urgency;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** Lets wards announce what they send. */
public final class SpecimenApi {
    private final SpecimenStore m_specimens;
    private final Index<String, Specimen> m_announced = Index.create();
    private final Log m_log = Logs.of(SpecimenApi.class);

    public SpecimenApi(SpecimenStore specimens) {
        m_specimens = specimens;
    }

    public Answer announce(Request request) {
        String patient = request.param("patient");
        if (patient == null) {
            return Answer.invalid("patient is missing");
        }
        Consent.check(patient, "storage");
        Specimen specimen = new Specimen(request.segment(1), patient, request.body(), Urgency.ROUTINE);
        m_announced.bind(specimen.getBarcode(), specimen);
        return Answer.made(specimen.getBarcode());
    }

    public Answer arrived(Request request) {
        String barcode = request.segment(1);
        if (!m_announced.holds(barcode)) {
            return Answer.missing("not announced");
        }
        Trace.step("specimen arrived", barcode);
        return Answer.of(m_specimens.register(m_announced.lookup(barcode)));
    }

    public Answer place(Request request) {
        Maybe<String> place = m_specimens.placeOf(request.segment(1));
        if (!place.isPresent()) {
            return Answer.missing("place is unknown");
        }
        return Answer.of(place.orElse(""));
    }

    public Answer cancel(Request request) {
        String barcode = request.segment(1);
        if (m_specimens.exists(barcode)) {
            return Answer.refused("is here already");
        }
        m_announced.unbind(barcode);
        m_log.info("{} was cancelled", barcode);
        return Answer.of("cancelled");
    }

    public Seq<Specimen> expected() {
        Seq<Specimen> expected = Seq.create();
        for (String barcode : m_announced.keys()) {
            expected.push(m_announced.lookup(barcode));
        }
        return expected;
    }

    public Answer list(Request request) {
        Seq<Specimen> found = expected().keep(s -> s.getPatient().equals(request.param("patient")));
        if (found.isBare()) {
            return Answer.missing("nothing is expected");
        }
        return Answer.of(found.convert(s -> s.getBarcode()).joined(","));
    }

    public Maybe<Specimen> nextEmergency() {
        Specimen next = expected().keep(s -> s.isEmergency()).firstOr(null);
        if (next == null) {
            return Maybe.none();
        }
        return Maybe.some(next);
    }

    public Answer move(Request request) {
        m_specimens.move(request.segment(1), request.body());
        Trace.step("moved by web", request.segment(1));
        return Answer.of(request.body());
    }

    public Index<String, Seq<Specimen>> byMaterial() {
        return expected().groupBy(s -> s.getMaterial());
    }
}

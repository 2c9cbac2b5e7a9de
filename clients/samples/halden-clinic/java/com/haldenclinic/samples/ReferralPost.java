package com.haldenclinic.samples;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;
import org.cairn.time.Moment;

/** Sends specimens on to another laboratory. */
public final class ReferralPost {
    private final Caller m_partner;
    private final Seq<Specimen> m_parcel = Seq.create();
    private final Index<String, String> m_referrals = Index.create();
    private final Log m_log = Logs.of(ReferralPost.class);

    public ReferralPost(String address, String contract) {
        m_partner = Caller.to(address);
        m_partner.withHeader("X-Contract", contract);
    }

    public void pack(Specimen specimen) {
        Consent.check(specimen.getPatient(), "referral");
        specimen.moveTo("parcel");
        m_parcel.push(specimen);
    }

    public String packingList() {
        return m_parcel.sortBy(s -> s.getMaterial()).convert(s -> s.label()).joined("\n");
    }

    public void request(String barcode, String test) {
        Reply reply = m_partner.post("/referrals", Form.of("specimen", barcode).and("wanted", test));
        if (reply.status() != 201) {
            throw new LabError("partner does not take " + barcode);
        }
        m_referrals.bind(barcode, reply.header("Location"));
    }

    public Maybe<String> finding(String barcode) {
        if (!m_referrals.holds(barcode)) {
            return Maybe.none();
        }
        return Maybe.some(m_partner.get(m_referrals.lookup(barcode)).text());
    }

    public void callBack(String barcode) {
        if (m_partner.drop(m_referrals.lookup(barcode)).isFine()) {
            m_referrals.unbind(barcode);
            Trace.step("referral called back", barcode);
        } else {
            m_log.warn("Partner keeps {}", barcode);
        }
    }

    public Moment pickup(Day packed) {
        return packed.nextWorkday().atStart().plusHours(16);
    }

    public void orderPickup(String parcel, Day packed) {
        Form form = Form.of("at", pickup(packed).format("yyyy-MM-dd HH:mm"));
        m_partner.put("/pickups/" + parcel, form);
        Trace.step("pickup ordered", parcel);
    }

    public Index<String, Seq<Specimen>> boxes() {
        return m_parcel.keep(s -> !s.isEmergency()).groupBy(s -> s.getPlace());
    }

    public boolean isPartnerReached() {
        try {
            return m_partner.get("/").status() < 500;
        } catch (CallFault ex) {
            m_log.fail(ex, "Partner cannot be reached");
            return false;
        }
    }
}

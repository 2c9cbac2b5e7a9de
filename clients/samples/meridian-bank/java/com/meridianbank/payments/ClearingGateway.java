package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Hands payments over to the clearing house. */
public final class ClearingGateway {
    private final Log log = Logs.of(ClearingGateway.class);
    private final Caller house;
    private final Meters meters;
    private final Index<String, String> receipts = Index.create();

    public ClearingGateway(Caller house, Meters meters) {
        Guard.notNull(house, "house");
        Guard.notNull(meters, "meters");
        this.house = house;
        this.meters = meters;
        this.house.withHeader("X-Bank", "MERIDIAN");
    }

    /** Send one payment and keep the receipt. */
    public String send(Payment payment) {
        Guard.notNull(payment, "payment");
        Reply reply = this.house.post("/payments", Form.of("iban", payment.getIban()).and("cents", payment.getAmount().getCents()));
        if (!reply.isFine()) {
            throw Fault.of("CLR-01", "Clearing refused " + payment.getNumber());
        }
        this.receipts.bind(payment.getNumber(), reply.field("receipt"));
        return reply.field("receipt");
    }

    public String stateOf(String number) {
        Guard.notBlank(number, "number");
        Reply reply = this.house.get("/payments/" + this.receipts.lookup(number));
        return reply.status() == 404 ? "UNKNOWN" : reply.field("state");
    }

    public void recall(String number) {
        Guard.notBlank(number, "number");
        Reply reply = this.house.drop("/payments/" + number);
        this.meters.tick("clearing.recalled");
        this.log.info("Recall of {} gave {}", number, reply.status());
    }

    public void correct(String number, Money amount) {
        Guard.notNull(amount, "amount");
        Reply reply = this.house.put("/payments/" + number, Form.of("cents", amount.getCents()));
        if (!reply.isFine()) {
            Audit.denied("clearing.correct", number);
            throw Fault.of("CLR-02", reply.text());
        }
    }

    public boolean isReachable() {
        try {
            return this.house.get("/ping").isFine();
        } catch (CallFault ex) {
            this.log.fail(ex, "Clearing house is away");
            return false;
        }
    }

    /** The house takes nothing in on weekends. */
    public Day valueDate() {
        Day today = Instants.today();
        return today.isWeekend() ? today.nextWorkday() : today;
    }

    public Moment cutOff() {
        return Instants.today().atStart().plusHours(16);
    }

    public boolean isTooLate() {
        return Instants.now().isAfter(cutOff());
    }

    public String traceOf(Reply reply) {
        Guard.notNull(reply, "reply");
        return reply.header("X-Trace");
    }
}

package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Gives money back that should not have been taken. */
public final class RefundDesk {
    private final Log log = Logs.of(RefundDesk.class);
    private final Caller merchant;
    private final Seq<Payment> refunds = Seq.create();

    public RefundDesk(Caller merchant) {
        Guard.notNull(merchant, "merchant");
        this.merchant = merchant;
    }

    public void request(Payment payment) {
        Guard.notNull(payment, "payment");
        Reply reply = this.merchant.post("/refunds", Form.of("payment", payment.getNumber()));
        if (!reply.isFine()) {
            throw Fault.of("RFD-01", reply.text());
        }
        this.refunds.push(payment);
    }

    public boolean isDone(String number) {
        Guard.notBlank(number, "number");
        return this.merchant.get("/refunds/" + number).status() == 200;
    }

    public long refundedCents() {
        return this.refunds.keep(r -> !r.isOpen()).total(r -> r.getAmount().getCents());
    }

    public Moment answerBy() {
        return Instants.now().plusDays(10);
    }

    public void withdraw(String number) {
        Reply reply = this.merchant.drop("/refunds/" + number);
        this.log.info("Withdrew {}: {}", number, reply.status());
        Audit.note("refund.withdrawn", number);
    }
}

package com.meridianbank.payments;

import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;

/** Takes payments in and passes them on to clearing. */
public final class PaymentDesk {
    private final Log log = Logs.of(PaymentDesk.class);
    private final Meters meters;
    private final Seq<Payment> pending = Seq.create();
    private final Index<String, Payment> byNumber = Index.create();

    public PaymentDesk(Meters meters) {
        Guard.notNull(meters, "meters");
        this.meters = meters;
        this.log.info("Payment desk is open");
    }

    public void accept(Payment payment) {
        Guard.notNull(payment, "payment");
        this.pending.push(payment);
        this.byNumber.bind(payment.getNumber(), payment);
        this.meters.tick("payments.accepted");
    }

    public Payment find(String number) {
        Guard.notBlank(number, "number");
        if (!this.byNumber.holds(number)) {
            throw Fault.of("PAY-01", "Unknown payment " + number);
        }
        return this.byNumber.lookup(number);
    }

    public Seq<Payment> openPayments() {
        return this.pending.keep(p -> p.isOpen());
    }

    public Seq<Payment> paymentsTo(String iban) {
        Guard.notBlank(iban, "iban");
        return this.pending.keep(p -> p.getIban().equals(iban));
    }

    public long openCents() {
        return openPayments().total(p -> p.getAmount().getCents());
    }

    public boolean hasOnlinePayments() {
        return this.pending.anyOf(p -> p.isOnline());
    }

    /** Settle whatever is still open, the smallest amounts first. */
    public void settleAll() {
        try (Scope scope = this.log.begin("settle")) {
            for (Payment payment : openPayments().sortBy(p -> p.getAmount().getCents())) {
                payment.settle();
                this.meters.tick("payments.settled");
            }
            scope.mark("settled");
            this.meters.record("payments.settle.ms", scope.elapsedMillis());
        }
    }

    public void cancel(String number) {
        Payment payment = find(number);
        payment.reject("cancelled by customer");
        this.byNumber.unbind(number);
        this.log.info("Payment {} was cancelled", number);
    }

    public String openNumbers() {
        return openPayments().convert(p -> p.getNumber()).joined(", ");
    }

    public Payment oldestOpen() {
        Payment oldest = openPayments().firstOr(null);
        if (oldest == null) {
            this.log.trace("No payment is open");
        }
        return oldest;
    }

    public Index<String, Seq<Payment>> byAccount() {
        return this.pending.groupBy(p -> p.getIban());
    }

    /** Return the payment that came in as the n-th one of the day. */
    public Payment arrival(int position) {
        Guard.positive(position, "position");
        if (position > this.pending.count()) {
            throw Fault.of("PAY-02", "Not that many payments");
        }
        return this.pending.at(position - 1);
    }

    public void reportLoad() {
        this.meters.level("payments.pending", this.pending.count());
        if (this.pending.count() > 1000) {
            this.log.alarm("{} payments are waiting", this.pending.count());
        }
    }
}

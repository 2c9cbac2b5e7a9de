package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;

/** Charges that customers do not recognise. */
public final class DisputeQueue {
    private final Log log = Logs.of(DisputeQueue.class);
    private final Seq<String> waiting = Seq.create();
    private final Index<String, String> decisions = Index.create();
    private final Index<String, Long> claims = Index.create();
    private final Meters meters;

    public DisputeQueue(Meters meters) {
        Guard.notNull(meters, "meters");
        this.meters = meters;
        this.meters.level("disputes.waiting", 0);
    }

    public void raise(String dispute, Money amount) {
        Guard.notBlank(dispute, "dispute");
        Guard.notNull(amount, "amount");
        this.waiting.push(dispute);
        this.claims.bind(dispute, amount.getCents());
        this.meters.record("disputes.cents", amount.getCents());
    }

    public void decide(String dispute, String decision) {
        Guard.notBlank(decision, "decision");
        if (this.decisions.holds(dispute)) {
            throw Fault.of("DSP-02", "Dispute is decided");
        }
        this.decisions.bind(dispute, decision);
        Audit.note("dispute." + decision, dispute);
    }

    public String decisionOn(String dispute) {
        return this.decisions.lookupOr(dispute, "waiting");
    }

    public Seq<String> undecided() {
        return this.waiting.keep(d -> !this.decisions.holds(d));
    }

    public String next() {
        String next = undecided().firstOr(null);
        if (next == null) {
            throw Fault.of("DSP-01", "No dispute is waiting");
        }
        return next;
    }

    public long claimedCents() {
        return undecided().total(d -> this.claims.lookupOr(d, 0L));
    }

    public Seq<Money> amounts() {
        return undecided().convert(d -> Money.of(this.claims.lookup(d), "EUR"));
    }

    public Seq<String> largestFirst() {
        return undecided().sortBy(d -> -this.claims.lookupOr(d, 0L));
    }

    public Index<String, Seq<String>> byDecision() {
        return this.waiting.groupBy(d -> decisionOn(d));
    }

    public void refuseSmall(long cents) {
        Guard.positive(cents, "cents");
        Log log = this.log.tagged("threshold", cents);
        for (String dispute : undecided().keep(d -> this.claims.lookup(d) < cents)) {
            decide(dispute, "refused");
            log.info("Refused {}", dispute);
        }
    }

    public String worst() {
        Seq<String> sorted = largestFirst();
        return sorted.isBare() ? "none" : sorted.at(0);
    }

    /** Close what the customer has not come back to. */
    public void closeAll(String decision) {
        try (Scope scope = this.log.begin("close disputes")) {
            for (String dispute : undecided()) {
                decide(dispute, decision);
            }
            scope.mark("closed");
            this.meters.record("disputes.close.ms", scope.elapsedMillis());
        }
    }

    public String worklist() {
        if (undecided().isBare()) {
            return "empty";
        }
        return undecided().joined("\n");
    }
}

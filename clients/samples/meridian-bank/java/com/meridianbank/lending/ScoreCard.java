package com.meridianbank.lending;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** How likely a customer is to pay back. */
public final class ScoreCard {
    private final Log log = Logs.of(ScoreCard.class);
    private final Index<String, Integer> points = Index.create();
    private final Seq<String> reasons = Seq.create();
    private final Caller bureau;

    public ScoreCard(Caller bureau) {
        Guard.notNull(bureau, "bureau");
        this.bureau = bureau;
    }

    public void rate(String rule, int value) {
        Guard.notBlank(rule, "rule");
        this.points.bind(rule, this.points.lookupOr(rule, 0) + value);
        this.reasons.push(rule + "=" + value);
        if (this.log.tracing()) {
            this.log.trace("{} gives {}", rule, value);
        }
    }

    public long score() {
        return this.points.keys().total(r -> this.points.lookup(r));
    }

    public boolean isGood() {
        return score() >= 600 && !this.points.holds("bankruptcy");
    }

    public String explain() {
        return this.reasons.isBare() ? "no rule applied" : this.reasons.joined(", ");
    }

    /** Ask the credit bureau; what it does not know counts nothing. */
    public void askBureau(String customer) {
        Guard.notBlank(customer, "customer");
        try {
            Reply reply = this.bureau.get("/scores/" + customer);
            rate("bureau", Integer.parseInt(reply.text()));
        } catch (CallFault ex) {
            this.log.fail(ex, "Bureau is away");
        }
    }

    public String mainReason() {
        return this.points.keys().sortBy(r -> -this.points.lookup(r)).firstOr("none");
    }

    public void decide(String customer) {
        if (!isGood()) {
            Audit.denied("loan.score", customer);
            this.log.warn("{} has only {} points", customer, score());
            throw Fault.of("SCO-01", "Score is too low");
        }
        Audit.note("loan.score", customer);
    }

    public Seq<String> penalties() {
        return this.points.keys().keep(r -> this.points.lookup(r) < 0);
    }

    public Seq<String> lines() {
        return this.points.keys().convert(r -> r + ": " + this.points.lookup(r));
    }

    public Moment validUntil() {
        return Instants.now().plusDays(30);
    }
}

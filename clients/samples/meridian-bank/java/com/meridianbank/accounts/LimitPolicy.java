package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;

/** How much may leave an account. */
public final class LimitPolicy {
    private static final long DAILY_CENTS = 500000;

    private final Log log = Logs.of(LimitPolicy.class);
    private final Index<String, Long> limits = Index.create();
    private final Index<String, Long> spent = Index.create();
    private final Meters meters = Meters.shared();

    public void limit(String iban, long cents) {
        Guard.notBlank(iban, "iban");
        Guard.positive(cents, "cents");
        this.limits.bind(iban, cents);
        Audit.note("limit.changed", iban);
    }

    public long limitOf(String iban) {
        return this.limits.lookupOr(iban, DAILY_CENTS);
    }

    public long leftFor(String iban) {
        Guard.notBlank(iban, "iban");
        return limitOf(iban) - this.spent.lookupOr(iban, 0L);
    }

    public void spend(String iban, Money amount) {
        Guard.notNull(amount, "amount");
        if (amount.getCents() > leftFor(iban)) {
            this.log.warn("{} is over its limit", iban);
            throw Fault.of("LIM-01", "Limit is used up");
        }
        this.spent.bind(iban, this.spent.lookupOr(iban, 0L) + amount.getCents());
        this.meters.record("limits.spent", amount.getCents());
    }

    public void reset() {
        for (String iban : this.spent.keys()) {
            this.spent.unbind(iban);
        }
        this.log.info("Limits start again");
    }

    public Seq<String> exhausted() {
        return this.spent.keys().keep(i -> leftFor(i) == 0);
    }

    public boolean isAnyExhausted() {
        return this.spent.keys().anyOf(i -> leftFor(i) == 0);
    }

    public String summary() {
        Seq<String> used = exhausted();
        if (used.isBare()) {
            return "nobody";
        }
        return used.sortBy(i -> i).joined("; ");
    }

    public void watch() {
        this.meters.level("limits.exhausted", exhausted().count());
        if (exhausted().count() > 50) {
            this.log.alarm("{} accounts are over their limit", exhausted().count());
        }
    }

    public void forget(String iban) {
        if (this.limits.holds(iban)) {
            this.limits.unbind(iban);
            Audit.note("limit.removed", iban);
        }
    }
}

package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** Knows what a payment costs. */
public final class FeeSchedule {
    private static final String CURRENCY = "EUR";
    private static final long URGENT_FEE = 500;

    private final Log log = Logs.of(FeeSchedule.class);
    private final Index<String, Long> feeByCountry = Index.create();
    private final Seq<String> freeAccounts = Seq.create();
    private final long standardFee;

    public FeeSchedule(long standardFee) {
        Guard.positive(standardFee, "standardFee");
        this.standardFee = standardFee;
    }

    public void setFee(String country, long cents) {
        Guard.notBlank(country, "country");
        this.feeByCountry.bind(country, cents);
        this.log.info("Fee for {} is now {}", country, cents);
    }

    public void makeFree(String iban) {
        Guard.notBlank(iban, "iban");
        this.freeAccounts.push(iban);
        Audit.note("fee.waived", iban);
    }

    public boolean isFree(String iban) {
        return this.freeAccounts.anyOf(a -> a.equals(iban));
    }

    public Money feeFor(String country) {
        Guard.notBlank(country, "country");
        return Money.of(this.feeByCountry.lookupOr(country, this.standardFee), CURRENCY);
    }

    public Money feeIfUrgent(String country) {
        return feeFor(country).plus(Money.of(URGENT_FEE, CURRENCY));
    }

    public Money charge(Payment payment, String country) {
        Guard.notNull(payment, "payment");
        if (isFree(payment.getIban())) {
            this.log.trace("{} pays no fee", payment.getIban());
            return Money.of(0, CURRENCY);
        }
        return payment.getAmount().plus(feeFor(country));
    }

    public void dropCountry(String country) {
        if (this.feeByCountry.holds(country)) {
            this.feeByCountry.unbind(country);
            this.log.warn("Fee for {} was removed", country);
        }
    }

    public long dearestFee() {
        long dearest = this.standardFee;
        for (String country : this.feeByCountry.keys()) {
            dearest = Math.max(dearest, this.feeByCountry.lookup(country));
        }
        return dearest;
    }

    public String countries() {
        return this.feeByCountry.keys().sortBy(c -> c).joined(" ");
    }

    public long feesOf(Seq<Payment> payments, String country) {
        Guard.notNull(payments, "payments");
        return payments.total(p -> feeFor(country).getCents());
    }
}

package com.meridianbank.platform;

/** An amount of one currency, in cents. */
public final class Money {
    private final long cents;
    private final String currency;

    private Money(long cents, String currency) {
        this.cents = cents;
        this.currency = currency;
    }

    public static Money of(long cents, String currency) {
        return new Money(cents, currency);
    }

    public Money plus(Money other) {
        return new Money(cents + sameCurrency(other).cents, currency);
    }

    public Money minus(Money other) {
        return new Money(cents - sameCurrency(other).cents, currency);
    }

    public boolean exceeds(Money other) {
        return cents > sameCurrency(other).cents;
    }

    public long getCents() {
        return cents;
    }

    public String getCurrency() {
        return currency;
    }

    @Override
    public String toString() {
        return cents / 100 + "." + String.format("%02d", cents % 100) + " " + currency;
    }

    private Money sameCurrency(Money other) {
        if (!currency.equals(other.currency)) {
            throw Fault.of("CUR-01", "Cannot mix " + currency + " and " + other.currency);
        }
        return other;
    }
}

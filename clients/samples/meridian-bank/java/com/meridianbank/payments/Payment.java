package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Channel;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;

/** One order to move money. */
public final class Payment {
    private final String number;
    private final String iban;
    private final Money amount;
    private final Channel channel;
    private String state = "NEW";

    public Payment(String number, String iban, Money amount, Channel channel) {
        Guard.notBlank(number, "number");
        Guard.notBlank(iban, "iban");
        Guard.notNull(amount, "amount");
        this.number = number;
        this.iban = iban;
        this.amount = amount;
        this.channel = channel;
    }

    public String getNumber() {
        return this.number;
    }

    public String getIban() {
        return this.iban;
    }

    public Money getAmount() {
        return this.amount;
    }

    public String getState() {
        return this.state;
    }

    public boolean isOnline() {
        return this.channel == Channel.ONLINE_BANKING;
    }

    public boolean isOpen() {
        return this.state.equals("NEW") || this.state.equals("HELD");
    }

    /** Hold the payment until somebody has looked at it. */
    public void hold(String reason) {
        Guard.notBlank(reason, "reason");
        this.state = "HELD";
        Audit.note("payment.held", reason);
    }

    public void settle() {
        if (!isOpen()) {
            throw Fault.of("PAY-03", "Payment is already closed");
        }
        this.state = "SETTLED";
        Audit.note("payment.settled", this.number);
    }

    public void reject(String reason) {
        Guard.notBlank(reason, "reason");
        this.state = "REJECTED";
        Audit.denied("payment.rejected", this.number + ": " + reason);
    }

    public String toString() {
        return this.number + " to " + this.iban + ": " + this.amount;
    }
}

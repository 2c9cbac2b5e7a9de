package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Seq;

/** An account and what lies on it. */
public final class Account {
    private final String iban;
    private final String owner;
    private Money balance;
    private boolean frozen;
    private final Seq<String> notes = Seq.create();

    public Account(String iban, String owner, Money balance) {
        Guard.notBlank(iban, "iban");
        Guard.notBlank(owner, "owner");
        this.iban = iban;
        this.owner = owner;
        this.balance = balance;
    }

    public String getIban() {
        return this.iban;
    }

    public String getOwner() {
        return this.owner;
    }

    public Money getBalance() {
        return this.balance;
    }

    public boolean isFrozen() {
        return this.frozen;
    }

    public void deposit(Money amount) {
        Guard.notNull(amount, "amount");
        this.balance = this.balance.plus(amount);
        Audit.note("account.deposit", this.iban);
    }

    public void withdraw(Money amount) {
        Guard.notNull(amount, "amount");
        if (amount.exceeds(this.balance)) {
            throw Fault.of("ACC-02", "Not enough money on " + this.iban);
        }
        this.balance = this.balance.minus(amount);
    }

    public void freeze(String reason) {
        Guard.notBlank(reason, "reason");
        this.frozen = true;
        this.notes.push(reason);
        Audit.denied("account.frozen", this.iban);
    }

    public void release() {
        if (!this.frozen) {
            throw Fault.of("ACC-04", "Account is not frozen");
        }
        this.frozen = false;
        Audit.note("account.released", this.iban);
    }

    public boolean covers(Money amount) {
        Guard.notNull(amount, "amount");
        return !amount.exceeds(this.balance);
    }

    public String lastNote() {
        if (this.notes.isBare()) {
            return "";
        }
        return this.notes.at(this.notes.count() - 1);
    }
}

package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;

/** A payment card. */
public final class Card {
    private final String number;
    private final String iban;
    private final Seq<String> declines = Seq.create();
    private boolean blocked;

    public Card(String number, String iban) {
        Guard.notBlank(number, "number");
        Guard.notBlank(iban, "iban");
        this.number = number;
        this.iban = iban;
    }

    public String getNumber() {
        return this.number;
    }

    public String getIban() {
        return this.iban;
    }

    public boolean isBlocked() {
        return this.blocked;
    }

    public void block(String reason) {
        Guard.notBlank(reason, "reason");
        this.blocked = true;
        Audit.denied("card.blocked", this.number);
    }

    public void decline(String merchant) {
        this.declines.push(merchant);
        if (this.declines.count() > 3) {
            block("too many declines");
        }
    }

    public String lastDecline() {
        return this.declines.isBare() ? null : this.declines.at(this.declines.count() - 1);
    }

    public String masked() {
        return "**** " + this.number.substring(this.number.length() - 4);
    }
}

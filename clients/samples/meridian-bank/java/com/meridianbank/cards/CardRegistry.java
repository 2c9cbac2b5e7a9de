package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;
import org.cairn.store.Rows;
import org.cairn.store.Store;

/** Which card belongs to whom. */
public final class CardRegistry {
    private final Log log = Logs.of(CardRegistry.class);
    private final Meters meters;
    private final Index<String, Card> cards = Index.create();
    private final Seq<String> stolen = Seq.create();

    public CardRegistry(Meters meters) {
        Guard.notNull(meters, "meters");
        this.meters = meters;
    }

    public void issue(Card card) {
        Guard.notNull(card, "card");
        this.cards.bind(card.getNumber(), card);
        this.meters.tick("cards.issued");
        Audit.note("card.issued", card.masked());
    }

    public Card card(String number) {
        Guard.notBlank(number, "number");
        if (!this.cards.holds(number)) {
            throw Fault.of("CRD-01", "Unknown card");
        }
        return this.cards.lookup(number);
    }

    public void reportStolen(String number) {
        card(number).block("stolen");
        this.stolen.push(number);
        this.meters.tick("cards.stolen");
        this.log.alarm("Card {} was stolen", card(number).masked());
    }

    public boolean isStolen(String number) {
        return this.stolen.anyOf(s -> s.equals(number));
    }

    public Seq<Card> cardsOf(String iban) {
        Guard.notBlank(iban, "iban");
        Seq<Card> found = Seq.create();
        for (String number : this.cards.keys()) {
            if (this.cards.lookup(number).getIban().equals(iban)) {
                found.push(this.cards.lookup(number));
            }
        }
        return found;
    }

    public Card mainCard(String iban) {
        return cardsOf(iban).sortBy(c -> c.getNumber()).firstOr(null);
    }

    public Index<String, Seq<Card>> byAccount() {
        Seq<Card> all = this.cards.keys().convert(n -> this.cards.lookup(n));
        return all.groupBy(c -> c.getIban());
    }

    public boolean tryIssue(Card card) {
        Log log = this.log.tagged("card", card.masked());
        try {
            issue(card);
            return true;
        } catch (IllegalArgumentException ex) {
            log.fail(ex, "Card is not issued");
            return false;
        }
    }

    /** Block every card of an account that is closed. */
    public int blockAll(String iban) {
        Seq<Card> active = cardsOf(iban).keep(c -> !c.isBlocked());
        for (Card card : active) {
            card.block("account closed");
        }
        this.log.warn("Blocked {} cards of {}", active.count(), iban);
        return active.count();
    }

    public String maskedNumbers(String iban) {
        return cardsOf(iban).convert(c -> c.masked()).joined(", ");
    }

    public void purge() {
        try (Scope scope = this.log.begin("purge")) {
            for (String number : this.stolen) {
                this.cards.unbind(number);
            }
            this.meters.record("cards.purge.ms", scope.elapsedMillis());
        }
    }

    public void load(Store store) {
        Guard.notNull(store, "store");
        Rows rows = store.query("select number, iban from cards");
        while (rows.next()) {
            issue(new Card(rows.string("number"), rows.string("iban")));
        }
    }

    public void announce(Caller caller, Card card) {
        Guard.notNull(caller, "caller");
        Reply reply = caller.post("/cards", Form.of("card", card.masked()));
        if (!reply.isFine()) {
            this.log.warn("Card office said {}", reply.status());
        }
    }
}

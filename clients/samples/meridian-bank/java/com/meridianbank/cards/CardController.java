package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Cache;

/** Answers the app of the card holders. */
public final class CardController {
    private final CardRegistry registry;
    private final Log log = Logs.of(CardController.class);
    private final Cache cache;
    private final Seq<String> seen = Seq.create();

    public CardController(CardRegistry registry, Cache cache) {
        Guard.notNull(registry, "registry");
        Guard.notNull(cache, "cache");
        this.registry = registry;
        this.cache = cache;
    }

    public Answer show(Request request) {
        Card card = this.registry.card(request.segment(1));
        if (card.isBlocked()) {
            return Answer.refused("Card is blocked");
        }
        this.seen.push(card.getNumber());
        return Answer.of(card.masked());
    }

    public Answer list(Request request) {
        String iban = request.param("iban");
        if (iban == null) {
            return Answer.invalid("iban is missing");
        }
        return Answer.of(this.registry.maskedNumbers(iban));
    }

    public Answer block(Request request) {
        String number = request.segment(1);
        this.registry.card(number).block(request.body());
        this.cache.evict(number);
        Audit.note("card.app.blocked", number);
        return Answer.made(number);
    }

    public Answer main(Request request) {
        Card card = this.registry.mainCard(request.param("iban"));
        if (card == null) {
            this.log.warn("No card for {}", request.param("iban"));
            return Answer.missing("No card");
        }
        return Answer.of(card.getNumber());
    }

    public String greeting(String number) {
        Guard.notBlank(number, "number");
        String known = this.cache.peek(number);
        return known == null ? "Welcome" : known;
    }

    public void remember(String number, String name) {
        Guard.notBlank(name, "name");
        this.cache.place(number, "Hello " + name);
        this.log.trace("Remembered {}", name);
    }

    public Answer declines(Request request) {
        String last = this.registry.card(request.segment(1)).lastDecline();
        return last == null ? Answer.missing("Never declined") : Answer.of(last);
    }

    public Answer order(Request request) {
        Guard.notNull(request, "request");
        Card card = new Card(request.body(), request.param("iban"));
        this.registry.issue(card);
        return Answer.made(card.masked());
    }
}

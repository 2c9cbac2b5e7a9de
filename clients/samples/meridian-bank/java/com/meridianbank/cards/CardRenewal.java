package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.http.Answer;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Replaces cards before they run out. */
public final class CardRenewal {
    private final CardRegistry registry;
    private final Caller press;

    public CardRenewal(CardRegistry registry, Caller press) {
        Guard.notNull(registry, "registry");
        Guard.notNull(press, "press");
        this.registry = registry;
        this.press = press;
    }

    public boolean isDue(Day expiry) {
        Guard.notNull(expiry, "expiry");
        return expiry.isBefore(Instants.today().plusMonths(2));
    }

    public void renew(String number) {
        Card card = this.registry.card(number);
        Reply reply = this.press.put("/cards/" + number, Form.of("iban", card.getIban()));
        if (!reply.isFine()) {
            throw Fault.of("REN-01", "Press refused " + card.masked());
        }
        Audit.note("card.renewed", card.masked());
    }

    public Day delivery() {
        return Instants.today().plusDays(5).nextWorkday();
    }

    public Answer status(Request request) {
        Reply reply = this.press.get("/cards/" + request.segment(1));
        return reply.isFine() ? Answer.of(reply.field("state")) : Answer.missing("Not in press");
    }
}

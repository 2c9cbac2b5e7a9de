package com.meridianbank.lending;

import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import org.cairn.http.Caller;
import org.cairn.http.Reply;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Fetches the rates of the central bank. */
public final class RateFeed {
    private final Caller centralBank;
    private Moment fetched;

    public RateFeed() {
        this.centralBank = Caller.to("https://rates.example.org");
        this.centralBank.withHeader("Accept", "text/plain");
    }

    public String rate(String name) {
        Guard.notBlank(name, "name");
        Reply reply = this.centralBank.get("/rates/" + name);
        if (!reply.isFine()) {
            throw Fault.of("RAT-01", "No rate " + name);
        }
        this.fetched = Instants.now();
        return reply.field("rate");
    }

    public boolean isStale() {
        return this.fetched == null || this.fetched.isBefore(Instants.now().minusHours(24));
    }

    public long age() {
        return this.fetched.until(Instants.now()).hours();
    }
}

package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Retry;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.time.Day;

/** Books freight with partner companies. */
public final class BookingClient {
    private final Caller partner;
    private final String account;

    public BookingClient(String address, String account) {
        Check.text(account, "account");
        partner = Caller.to(address);
        partner.withHeader("X-Account", account);
        this.account = account;
    }

    public Result<String> book(Consignment consignment) {
        final Form form = Form.of("code", consignment.getCode()).and("kg", consignment.getWeight().getKilograms());
        final Reply reply = Retry.times(3, () -> partner.post("/bookings", form));
        if (!reply.isFine()) {
            return Result.failed("partner said " + reply.status());
        }
        Events.raise("booking.made", consignment.getCode());
        return Result.ok(reply.field("booking"));
    }

    /** Show the partner who we are from now on. */
    public void authorize(String token) {
        Check.text(token, "token");
        partner.withHeader("Authorization", "Bearer " + token);
    }

    public Result<String> state(String booking) {
        Check.text(booking, "booking");
        final Reply reply = partner.get("/bookings/" + booking);
        if (reply.status() == 404) {
            return Result.failed("no such booking");
        }
        return Result.ok(reply.field("state"));
    }

    public boolean cancel(String booking) {
        Check.text(booking, "booking");
        final Reply reply = partner.drop("/bookings/" + booking);
        Events.raise("booking.cancelled", booking);
        return reply.isFine();
    }

    /** Ask the partner to fetch the goods on another day. */
    public Result<String> move(String booking, Day day) {
        final Reply reply = partner.put("/bookings/" + booking, Form.of("day", day.format("yyyy-MM-dd")));
        if (!reply.isFine()) {
            return Result.failed(reply.text());
        }
        return Result.ok(booking);
    }

    public Result<Day> pickupDay(String booking) {
        final Reply reply = partner.get("/bookings/" + booking + "/pickup");
        if (reply.status() != 200) {
            return Result.failed("pickup is not planned");
        }
        return Result.ok(Day.parse(reply.text()));
    }

    public String requestId(Reply reply) {
        final String id = reply.header("X-Request-Id");
        return id == null ? account : id;
    }

    public Result<Long> price(String from, String to) {
        final Reply reply = Retry.times(2, () -> partner.get("/prices/" + from + "/" + to));
        if (!reply.isFine()) {
            return Result.failed("no price");
        }
        return Result.ok(Long.parseLong(reply.field("cents")));
    }

    public boolean isAlive() {
        try {
            return partner.get("/health").status() == 200;
        } catch (CallFault ex) {
            Events.raise("partner.away", ex.getMessage());
            return false;
        }
    }

    public Result<String> confirm(String booking) {
        final Reply reply = partner.post("/bookings/" + booking + "/confirm", Form.of("account", account));
        if (!reply.isFine()) {
            return Result.failed("not confirmed");
        }
        return Result.ok(reply.header("Location"));
    }
}

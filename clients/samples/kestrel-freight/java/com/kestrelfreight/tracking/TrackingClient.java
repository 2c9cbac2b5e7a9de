package com.kestrelfreight.tracking;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Retry;
import com.kestrelfreight.platform.Weight;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Asks carriers where the goods are. */
public final class TrackingClient {
    private final Caller carrier;

    public TrackingClient(String address) {
        Check.text(address, "address");
        carrier = Caller.to(address);
        carrier.withHeader("Accept", "text/plain");
    }

    public Result<String> position(String code) {
        Check.text(code, "code");
        final Reply reply = carrier.get("/parcels/" + code);
        if (!reply.isFine()) {
            return Result.failed("position is unknown");
        }
        return Result.ok(reply.field("position"));
    }

    public Result<Day> expected(String code) {
        final Reply reply = Retry.times(3, () -> carrier.get("/parcels/" + code + "/eta"));
        if (reply.status() == 204) {
            return Result.failed("not planned yet");
        }
        return Result.ok(Day.parse(reply.field("day")));
    }

    public void subscribe(String code, String address) {
        final Form form = Form.of("parcel", code).and("callback", address);
        final Reply reply = carrier.post("/subscriptions", form);
        Check.that(reply.isFine(), "carrier refused: " + reply.text());
    }

    public void unsubscribe(String subscription) {
        final Reply reply = carrier.drop("/subscriptions/" + subscription);
        if (reply.status() == 404) {
            Events.raise("subscription.unknown", subscription);
        }
    }

    public Result<String> redirect(String code, String depot) {
        final Reply reply = carrier.put("/parcels/" + code, Form.of("depot", depot));
        if (!reply.isFine()) {
            return Result.failed(reply.text());
        }
        return Result.ok(reply.header("Location"));
    }

    public boolean isDelivered(String code) {
        final Reply reply = carrier.get("/parcels/" + code);
        return "delivered".equals(reply.field("state"));
    }

    public String signature(String code) {
        try {
            return carrier.get("/parcels/" + code + "/signature").text();
        } catch (CallFault ex) {
            Events.raise("carrier.away", ex.getMessage());
            return "";
        }
    }

    /** Carriers let us ask again after the hour that they name. */
    public Moment askAgain(Reply reply) {
        final long hours = Long.parseLong(reply.header("Retry-After"));
        return Instants.now().plusHours(hours);
    }

    public boolean isLimited(Reply reply) {
        return reply.status() == 429 && reply.header("Retry-After") != null;
    }

    public Result<Weight> weighed(String code) {
        final Reply reply = carrier.get("/parcels/" + code + "/weight");
        if (!reply.isFine()) {
            return Result.failed("was not weighed");
        }
        return Result.ok(Weight.kg(Long.parseLong(reply.text())));
    }

    public Result<String> complain(String code, String text) {
        Check.text(text, "text");
        final Reply reply = carrier.post("/complaints", Form.of("parcel", code).and("text", text));
        if (reply.status() != 201) {
            return Result.failed("complaint was not taken");
        }
        return Result.ok(reply.header("Location"));
    }
}

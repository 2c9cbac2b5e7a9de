package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Retry;
import org.cairn.http.Answer;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.time.Day;
import org.cairn.time.Moment;

/** Reports trips to the road toll office. */
public final class TollClient {
    private final Caller office;
    private final String plate;

    public TollClient(String address, String plate) {
        Check.text(plate, "plate");
        office = Caller.to(address);
        this.plate = plate;
        office.withHeader("X-Plate", plate);
    }

    public Result<String> begin(String route) {
        final Reply reply = office.post("/trips", Form.of("plate", plate).and("route", route));
        if (reply.status() == 402) {
            return Result.failed("account is empty");
        }
        return Result.ok(reply.field("trip"));
    }

    public void end(String trip, Moment moment) {
        final Reply reply = office.put("/trips/" + trip, Form.of("end", moment.format("yyyy-MM-dd HH:mm")));
        Check.that(reply.isFine(), "trip cannot be ended");
        Events.raise("toll.ended", trip);
    }

    public Result<Long> cost(String trip) {
        Check.text(trip, "trip");
        final Reply reply = office.get("/trips/" + trip + "/cost");
        if (!reply.isFine()) {
            return Result.failed(reply.text());
        }
        return Result.ok(Long.parseLong(reply.field("cents")));
    }

    public void speak(String language) {
        Check.text(language, "language");
        office.withHeader("Accept-Language", language);
    }

    public boolean discard(String trip) {
        return office.drop("/trips/" + trip).isFine();
    }

    public Result<String> receipt(String trip) {
        final Reply reply = Retry.times(5, () -> office.get("/trips/" + trip + "/receipt"));
        if (reply.status() != 200) {
            return Result.failed("no receipt yet");
        }
        return Result.ok(reply.text());
    }

    public String pageAfter(Reply reply) {
        final String next = reply.header("Link");
        return next == null ? "" : next.trim();
    }

    public void register(Day from, Day to) {
        Check.that(from.isBefore(to), "days are in the wrong order");
        final Form form = Form.of("from", from.format("yyyy-MM-dd")).and("to", to.format("yyyy-MM-dd"));
        office.post("/vehicles/" + plate, form);
    }

    public Answer callback(Request request) {
        if (!plate.equals(request.param("plate"))) {
            return Answer.refused("not our truck");
        }
        Events.raise("toll.charged", request.body());
        return Answer.of("noted");
    }

    public Result<Day> permitEnd() {
        final Reply reply = office.get("/vehicles/" + plate);
        if (!reply.isFine()) {
            return Result.failed("truck is not registered");
        }
        return Result.ok(Day.parse(reply.field("until")));
    }

    public boolean isOpen() {
        try {
            return office.get("/").isFine();
        } catch (CallFault ex) {
            Events.raise("toll.away", ex.getMessage());
            return false;
        }
    }
}

package com.kestrelfreight.customs;

import com.kestrelfreight.orders.Consignment;
import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Retry;
import com.kestrelfreight.platform.Weight;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Declares goods at the border. */
public final class CustomsClient {
    private final Caller office;
    private final Log log = Logs.of(CustomsClient.class);

    public CustomsClient(String address, String broker) {
        Check.text(broker, "broker");
        office = Caller.to(address);
        office.withHeader("X-Broker", broker);
    }

    public Result<String> declare(Consignment consignment, String country) {
        Check.text(country, "country");
        final Form form = Form.of("goods", consignment.getCode()).and("country", country);
        final Reply reply = office.post("/declarations", form);
        if (reply.status() != 201) {
            return Result.failed(reply.text());
        }
        Events.raise("customs.declared", consignment.getCode());
        return Result.ok(reply.header("Location"));
    }

    public Result<Moment> clearance(String declaration) {
        final Reply reply = office.get("/declarations/" + declaration);
        if (!reply.isFine()) {
            return Result.failed("not cleared");
        }
        return Result.ok(Day.parse(reply.field("cleared")).atStart());
    }

    public void withdraw(String declaration) {
        final Reply reply = office.drop("/declarations/" + declaration);
        if (!reply.isFine()) {
            log.warn("Cannot withdraw {}", declaration);
        }
    }

    public Result<String> amend(String declaration, Weight weight) {
        Check.that(!weight.heavierThan(Weight.kg(40000)), "too heavy for the road");
        final Reply reply = office.put("/declarations/" + declaration, Form.of("kg", weight.getKilograms()));
        if (!reply.isFine()) {
            return Result.failed(reply.text());
        }
        return Result.ok(reply.field("replaced"));
    }

    public boolean isExpired(String declaration) {
        final Reply reply = office.get("/declarations/" + declaration + "/end");
        return Day.parse(reply.text()).isBefore(Instants.today());
    }

    public Moment deadline(Moment crossing) {
        return crossing.minusHours(2);
    }

    public boolean isInTime(Moment crossing) {
        return Instants.now().isBefore(deadline(crossing));
    }

    public String officeHours(Day day) {
        if (day.isWeekend()) {
            return "closed";
        }
        return day.atStart().plusHours(8).format("HH:mm");
    }

    public Result<String> inspector(String declaration) {
        final Reply reply = Retry.times(2, () -> office.get("/declarations/" + declaration + "/inspector"));
        if (reply.status() == 404) {
            return Result.failed("nobody inspects");
        }
        return Result.ok(reply.field("name"));
    }

    public long waitingHours(Moment arrived) {
        return arrived.until(Instants.now()).hours();
    }
}

package com.kestrelfreight.customs;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Hands out permits for heavy loads. */
public final class PermitApi {
    private final Store store;
    private final Seq<String> blockedRoads;

    public PermitApi(Store store, Seq<String> blockedRoads) {
        this.store = store;
        this.blockedRoads = blockedRoads;
    }

    public Answer apply(Request request) {
        final Weight weight = Weight.kg(Long.parseLong(request.param("kg")));
        if (weight.heavierThan(Weight.kg(60000))) {
            return Answer.refused("too heavy");
        }
        if (blockedRoads.anyOf(r -> r.equals(request.param("road")))) {
            return Answer.refused("road is blocked");
        }
        Events.raise("permit.applied", request.segment(1));
        return Answer.made(validUntil(Instants.today()).format("yyyy-MM-dd"));
    }

    public Day validUntil(Day start) {
        return start.plusMonths(1).monthEnd();
    }

    public Answer extend(Request request) {
        final Day end = Day.parse(request.body());
        if (end.isAfter(validUntil(Instants.today()))) {
            return Answer.invalid("too long");
        }
        return Answer.of(end.format("dd.MM.yyyy"));
    }

    public Answer revoke(Request request) {
        final String permit = request.segment(2);
        final int changed = store.change("delete from permits where id = ?", permit);
        if (changed == 0) {
            return Answer.missing("no permit " + permit);
        }
        Events.raise("permit.revoked", permit);
        return Answer.of(permit);
    }

    public Answer days(Request request) {
        final Day start = Day.parse(request.param("start"));
        return Answer.of(Instants.today().until(start).days());
    }

    public boolean isNightRun(Moment from, Moment to) {
        Check.that(from.isBefore(to), "times are in the wrong order");
        return from.isAfter(from.day().atStart().plusHours(22));
    }

    public Answer calendar(Request request) {
        final Day day = Day.parse(request.segment(2));
        if (day.isWeekend()) {
            return Answer.refused("no heavy loads on weekends");
        }
        return Answer.of("week " + day.weekOfYear());
    }

    public Answer latest(Request request) {
        final Moment now = Instants.now();
        return Answer.of(now.minusDays(1).format("yyyy-MM-dd") + " " + request.param("road"));
    }
}

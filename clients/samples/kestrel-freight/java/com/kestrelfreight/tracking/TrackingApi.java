package com.kestrelfreight.tracking;

import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Meters;
import org.cairn.time.Day;

/** Tells customers where their goods are. */
public final class TrackingApi {
    private final TrackingClient carrier;
    private final Meters meters;

    public TrackingApi(TrackingClient carrier, Meters meters) {
        this.carrier = carrier;
        this.meters = meters;
    }

    public Answer position(Request request) {
        final Result<String> position = carrier.position(request.segment(1));
        if (!position.isOk()) {
            return Answer.missing(position.reason());
        }
        meters.tick("tracking.asked");
        return Answer.of(position.value());
    }

    public Answer expected(Request request) {
        final Result<Day> day = carrier.expected(request.segment(1));
        if (!day.isOk()) {
            return Answer.missing("no date yet");
        }
        return Answer.of(day.value().format("dd.MM.yyyy"));
    }

    public Answer subscribe(Request request) {
        final String address = request.body();
        if (address.isEmpty()) {
            return Answer.invalid("address is missing");
        }
        carrier.subscribe(request.segment(1), address);
        return Answer.made(request.segment(1));
    }

    public Answer unsubscribe(Request request) {
        carrier.unsubscribe(request.segment(2));
        return Answer.of("gone");
    }

    public Answer redirect(Request request) {
        final String code = request.segment(1);
        if (carrier.isDelivered(code)) {
            return Answer.refused("delivered already");
        }
        final Result<String> place = carrier.redirect(code, request.param("depot"));
        return place.isOk() ? Answer.made(place.value()) : Answer.invalid(place.reason());
    }

    public Answer weight(Request request) {
        final Result<Weight> weight = carrier.weighed(request.segment(1));
        if (!weight.isOk()) {
            return Answer.missing(weight.reason());
        }
        return Answer.of(weight.value().getKilograms());
    }

    public Answer complain(Request request) {
        final Result<String> place = carrier.complain(request.param("code"), request.body());
        if (!place.isOk()) {
            return Answer.refused(place.reason());
        }
        Events.raise("tracking.complaint", request.param("code"));
        return Answer.made(place.value());
    }

    public Answer signature(Request request) {
        final String code = request.param("code");
        if (code == null) {
            return Answer.invalid("code is missing");
        }
        return Answer.of(carrier.signature(code));
    }

    public Answer notice(Request request) {
        Events.raise("tracking.notice", request.body());
        return Answer.of("thanks");
    }
}

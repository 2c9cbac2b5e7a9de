package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.store.Row;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Takes bookings of customers in. */
public final class BookingApi {
    private final Store store;
    private final BookingClient client;

    public BookingApi(Store store, BookingClient client) {
        this.store = store;
        this.client = client;
    }

    public Answer create(Request request) {
        final String code = request.param("code");
        if (code == null) {
            return Answer.invalid("code is missing");
        }
        final long id = store.nextId("bookings");
        store.change("insert into bookings values (?, ?)", id, code);
        return Answer.made(id);
    }

    public Answer show(Request request) {
        final Result<String> state = client.state(request.segment(2));
        if (!state.isOk()) {
            return Answer.missing(state.reason());
        }
        return Answer.of(state.value());
    }

    public Answer cancel(Request request) {
        final String booking = request.segment(2);
        if (!client.cancel(booking)) {
            return Answer.refused("booking is on its way");
        }
        Events.raise("api.cancelled", booking);
        return Answer.of("cancelled");
    }

    public Answer move(Request request) {
        final Day day = Day.parse(request.body());
        if (day.isBefore(Instants.today())) {
            return Answer.invalid("day has passed");
        }
        final Result<String> moved = client.move(request.segment(2), day);
        return moved.isOk() ? Answer.of(moved.value()) : Answer.refused(moved.reason());
    }

    public Answer price(Request request) {
        final String from = request.param("from");
        final String to = request.param("to");
        if (from == null || to == null) {
            return Answer.invalid("from and to are needed");
        }
        final Result<Long> price = client.price(from, to);
        return price.isOk() ? Answer.of(price.value()) : Answer.missing(price.reason());
    }

    public Answer pickup(Request request) {
        final Result<Day> day = client.pickupDay(request.segment(2));
        if (!day.isOk()) {
            return Answer.missing("no pickup");
        }
        return Answer.of(day.value().format("yyyy-MM-dd"));
    }

    public Answer confirm(Request request) {
        final Result<String> place = client.confirm(request.segment(2));
        if (!place.isOk()) {
            return Answer.refused(place.reason());
        }
        Events.raise("api.confirmed", request.segment(2));
        return Answer.made(place.value());
    }

    public Answer health(Request request) {
        return client.isAlive() ? Answer.of("up") : Answer.refused("partner is away");
    }

    public Answer owner(Request request) {
        final Row row = store.one("select owner from bookings where id = ?", request.segment(2));
        if (row == null) {
            return Answer.missing("no booking");
        }
        return Answer.of(row.string("owner"));
    }
}

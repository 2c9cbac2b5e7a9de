package com.meridianbank.cards;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Index;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Cache;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Knows which card holders are abroad, and where. */
public final class TravelDesk {
    private final Cache countries;
    private final Meters meters;
    private final Index<String, Day> journeys = Index.create();
    private final Log log = Logs.of(TravelDesk.class);

    public TravelDesk(Cache countries, Meters meters) {
        Guard.notNull(countries, "countries");
        Guard.notNull(meters, "meters");
        this.countries = countries;
        this.meters = meters;
    }

    public Answer announce(Request request) {
        Day end = Day.parse(request.param("until"));
        if (end.isBefore(Instants.today())) {
            return Answer.invalid("Journey is over");
        }
        this.journeys.bind(request.segment(2), end);
        return Answer.made(request.segment(2));
    }

    /** Note the country into which the journey goes on. */
    public Answer moveOn(Request request) {
        this.countries.place(request.segment(2), request.body());
        this.log.info("{} has moved on", request.segment(2));
        return Answer.of("Have a good journey");
    }

    public Answer whereabouts(Request request) {
        String country = this.countries.peek(request.segment(2));
        return country == null ? Answer.missing("Not abroad") : Answer.of(country);
    }

    public Answer comeHome(Request request) {
        String number = request.segment(2);
        if (!this.journeys.holds(number)) {
            return Answer.refused("No journey was announced");
        }
        this.journeys.unbind(number);
        this.countries.evict(number);
        Audit.note("travel.ended", number);
        return Answer.of("Welcome home");
    }

    /** A shop abroad is trusted where the journey goes to its country. */
    public boolean trusts(String number, String country) {
        Guard.notBlank(country, "country");
        return country.equals(this.countries.peek(number));
    }

    public long daysLeft(String number) {
        return Instants.today().until(this.journeys.lookup(number)).days();
    }

    /** Every call adds a week. */
    public Answer prolong(Request request) {
        String number = request.segment(2);
        Day end = this.journeys.lookup(number).plusDays(7);
        this.journeys.bind(number, end);
        return Answer.of(end.format("dd.MM.yyyy"));
    }

    public void sweep() {
        Day today = Instants.today();
        for (String number : this.journeys.keys().keep(n -> today.isAfter(this.journeys.lookup(n)))) {
            this.journeys.unbind(number);
            this.meters.tick("travel.swept");
        }
    }

    public boolean isHighSeason() {
        return this.journeys.keys().count() > 500;
    }
}

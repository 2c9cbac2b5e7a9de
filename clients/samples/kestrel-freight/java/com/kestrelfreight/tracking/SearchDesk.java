package com.kestrelfreight.tracking;

import com.kestrelfreight.orders.Consignment;
import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Cache;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;
import org.cairn.time.Day;

/** Looks for goods that nobody can find. */
public final class SearchDesk {
    private static final int MOST_QUESTIONS = 5;

    private final Cache cache;
    private final Store store;
    private final Log log = Logs.of(SearchDesk.class);
    private final Index<String, Integer> questions = Index.create();

    public SearchDesk(Cache cache, Store store) {
        this.cache = cache;
        this.store = store;
        log.trace("Search desk is open");
    }

    public Result<Integer> begin(Consignment lost) {
        if (questions.holds(lost.getCode())) {
            return Result.failed("somebody searches already");
        }
        questions.bind(lost.getCode(), 0);
        store.change("insert into searches values (?)", lost.getCode());
        return Result.ok(questions.count());
    }

    public void seen(String code, String place) {
        Check.text(place, "place");
        cache.place(code, place);
        if (log.tracing()) {
            log.trace("{} was seen at {}", code, place);
        }
    }

    public String lastPlace(String code) {
        final String place = cache.peek(code);
        return place == null ? "unknown" : place;
    }

    public void ask(String depot) {
        final Log depotLog = log.tagged("depot", depot);
        for (String code : questions.keys()) {
            questions.bind(code, questions.lookup(code) + 1);
            depotLog.info("Is {} with you?", code);
        }
    }

    public void found(String code) {
        questions.unbind(code);
        cache.evict(code);
        store.change("update sightings set found = 1 where code = ?", code);
        Events.raise("search.found", code);
    }

    public void foundAll(Seq<String> codes) {
        try {
            for (String code : codes) {
                found(code);
            }
        } catch (StoreFault ex) {
            log.fail(ex, "Some searches go on");
        }
    }

    public Seq<String> hopeless() {
        return questions.keys().keep(c -> questions.lookup(c) > MOST_QUESTIONS).sortBy(c -> c);
    }

    public Seq<String> reportLines() {
        final Seq<String> lines = Seq.create();
        for (String code : questions.keys()) {
            lines.push(code + " after " + questions.lookup(code) + " questions");
        }
        return lines;
    }

    public void giveUp(Day day) {
        for (String code : hopeless()) {
            store.change("insert into losses values (?, ?)", code, day.format("yyyy-MM-dd"));
            questions.unbind(code);
            log.alarm("{} is lost for good", code);
        }
    }
}

package com.meridianbank.lending;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Seq;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Writes to customers who are behind with their loans. */
public final class ArrearsLetters {
    private final Store store;
    private final Caller printer;
    private final Seq<String> late = Seq.create();
    private final Log log = Logs.of(ArrearsLetters.class);

    public ArrearsLetters(Store store, String address) {
        Guard.notNull(store, "store");
        this.store = store;
        this.printer = Caller.to(address);
    }

    /** Customers have two weeks before anybody writes. */
    public Day graceEnd(Day due) {
        Guard.notNull(due, "due");
        Day end = due.plusDays(14);
        return end.isWeekend() ? end.nextWorkday() : end;
    }

    public void collect() {
        Rows rows = this.store.query("select loan, due from instalments where paid = 0");
        while (rows.next()) {
            Day due = Day.parse(rows.string("due"));
            if (graceEnd(due).isBefore(Instants.today())) {
                this.late.push(rows.string("loan"));
            }
        }
    }

    public void write(String loan) {
        int written = this.store.change("update loans set letters = letters + 1 where id = ?", loan);
        if (written == 0) {
            throw Fault.of("ARR-01", "Nobody to write to");
        }
        Audit.note("arrears.letter", loan);
    }

    public Money withFee(Money debt, Day due) {
        long weeks = due.until(Instants.today()).days() / 7;
        return debt.plus(Money.of(weeks * 250, debt.getCurrency()));
    }

    public void print(String loan, String text) {
        Reply reply = this.printer.post("/letters", Form.of("loan", loan).and("text", text));
        if (!reply.isFine()) {
            this.log.warn("Printer said {} to {}", reply.status(), loan);
        }
    }

    public String worklist() {
        return this.late.isBare() ? "nobody is late" : this.late.sortBy(l -> l).joined("\n");
    }

    public boolean mayCall(Moment last) {
        Guard.notNull(last, "last");
        return last.until(Instants.now()).hours() >= 48;
    }

    public boolean isTooEarly(Moment moment) {
        return moment.isBefore(moment.day().atStart().plusHours(9));
    }

    public boolean isCallingWeek() {
        return Instants.today().weekOfYear() % 2 == 0;
    }
}

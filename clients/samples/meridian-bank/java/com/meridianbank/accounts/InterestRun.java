package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;
import org.cairn.time.Span;

/** Books interest at the end of the month. */
public final class InterestRun {
    private final Log log = Logs.of(InterestRun.class);
    private final Store store;
    private final Journal journal;
    private Moment started;

    public InterestRun(Store store) {
        Guard.notNull(store, "store");
        this.store = store;
        this.journal = Ledgers.openJournal("interest");
        this.started = Instants.now();
    }

    public boolean isDue(Day day) {
        Guard.notNull(day, "day");
        return day.isAfter(Instants.today().monthEnd().minusDays(1));
    }

    public long bookedCents(String iban) {
        Guard.notBlank(iban, "iban");
        Row row = this.store.one("select cents from interest where iban = ?", iban);
        return row == null ? 0 : row.number("cents");
    }

    public void book(String iban, Money interest) {
        Guard.notNull(interest, "interest");
        try (Tx tx = this.store.open()) {
            this.store.change("insert into interest values (?, ?, ?)", this.store.nextId("interest"), iban, interest.getCents());
            tx.commit();
        }
        Audit.note("interest.booked", iban);
    }

    public Seq<String> exempt() {
        Seq<String> exempt = Seq.create();
        Rows rows = this.store.query("select iban, exempt from accounts");
        while (rows.next()) {
            if (rows.flag("exempt")) {
                exempt.push(rows.string("iban"));
            }
        }
        return exempt;
    }

    public void write(String iban, Money interest) {
        Guard.notBlank(iban, "iban");
        this.journal.enter(Instants.today().format("yyyy-MM-dd") + " " + iban + " " + interest);
    }

    public void finish() {
        this.journal.seal();
        Span span = this.started.until(Instants.now());
        this.log.info("Interest took {} hours", span.hours());
    }

    public long daysSince(String iban) {
        Row row = this.store.one("select booked from interest where iban = ?", iban);
        if (row == null || row.absent("booked")) {
            throw Fault.of("INT-01", "Never booked: " + iban);
        }
        return Day.parse(row.string("booked")).until(Instants.today()).days();
    }

    public void cancel(String iban) {
        Guard.notBlank(iban, "iban");
        int changed = this.store.change("delete from interest where iban = ?", iban);
        if (changed == 0) {
            throw Fault.of("INT-02", "Nothing to cancel");
        }
        Audit.note("interest.cancelled", iban);
    }
}

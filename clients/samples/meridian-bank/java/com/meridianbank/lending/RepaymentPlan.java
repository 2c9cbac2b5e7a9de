package com.meridianbank.lending;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** When a loan has to be paid back. */
public final class RepaymentPlan {
    private final Log log = Logs.of(RepaymentPlan.class);
    private final Store store;
    private final String loan;
    private final Day start;
    private final Seq<Day> dates = Seq.create();

    public RepaymentPlan(Store store, String loan, Day start) {
        Guard.notNull(store, "store");
        Guard.notBlank(loan, "loan");
        Guard.notNull(start, "start");
        this.store = store;
        this.loan = loan;
        this.start = start;
    }

    public void build(int months) {
        Guard.positive(months, "months");
        for (int i = 1; i <= months; i++) {
            Day due = this.start.plusMonths(i).monthEnd();
            this.dates.push(due.isWeekend() ? due.nextWorkday() : due);
        }
    }

    public Day firstDue() {
        return this.dates.sortBy(d -> d.format("yyyyMMdd")).firstOr(this.start);
    }

    public Seq<Day> overdue() {
        Day today = Instants.today();
        return this.dates.keep(d -> d.isBefore(today));
    }

    public long daysLate() {
        if (overdue().isBare()) {
            return 0;
        }
        return overdue().at(0).until(Instants.today()).days();
    }

    public void save() {
        try (Tx tx = this.store.open()) {
            for (Day due : this.dates) {
                this.store.change("insert into plan values (?, ?)", this.loan, due.format("yyyy-MM-dd"));
            }
            tx.commit();
        }
        Audit.note("plan.saved", this.loan);
    }

    public void load() {
        Rows rows = this.store.query("select due from plan where loan = ?", this.loan);
        while (rows.next()) {
            this.dates.push(Day.parse(rows.string("due")));
        }
        this.log.info("Loaded {} dates", this.dates.count());
    }

    public Money instalment(Money debt) {
        Guard.notNull(debt, "debt");
        if (this.dates.isBare()) {
            throw Fault.of("PLN-01", "Plan is empty");
        }
        return Money.of(debt.getCents() / this.dates.count(), debt.getCurrency());
    }

    public void postpone(Day day) {
        Guard.notNull(day, "day");
        if (day.isBefore(Instants.today())) {
            throw Fault.of("PLN-02", "Day has passed");
        }
        this.dates.push(day.nextWorkday());
        Audit.note("plan.postponed", this.loan);
    }

    public Moment reminder() {
        return firstDue().atStart().minusDays(7);
    }
}

package com.meridianbank.lending;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;
import org.cairn.store.Row;
import org.cairn.store.Store;

/** The loans of one branch. */
public final class LoanBook {
    private final Log log = Logs.of(LoanBook.class);
    private final Index<String, Money> debts = Index.create();
    private final Index<String, Seq<String>> guarantors = Index.create();
    private final Meters meters = Meters.shared();

    public void grant(String loan, Money amount) {
        Guard.notBlank(loan, "loan");
        Guard.notNull(amount, "amount");
        Seq<String> nobody = Seq.create();
        this.debts.bind(loan, amount);
        this.guarantors.bind(loan, nobody);
        this.meters.tick("loans.granted");
        Audit.note("loan.granted", loan);
    }

    public void addGuarantor(String loan, String person) {
        Guard.notBlank(person, "person");
        if (!this.guarantors.holds(loan)) {
            throw Fault.of("LOA-01", "Unknown loan " + loan);
        }
        this.guarantors.lookup(loan).push(person);
        this.log.info("{} stands for {}", person, loan);
    }

    public Money debtOf(String loan) {
        Guard.notBlank(loan, "loan");
        return this.debts.lookupOr(loan, Money.of(0, "EUR"));
    }

    public void repay(String loan, Money amount) {
        Guard.notNull(amount, "amount");
        Money debt = debtOf(loan);
        if (amount.exceeds(debt)) {
            throw Fault.of("LOA-02", "More than was owed");
        }
        this.debts.bind(loan, debt.minus(amount));
        this.meters.record("loans.repaid", amount.getCents());
    }

    public Seq<String> running() {
        return this.debts.keys().keep(l -> debtOf(l).getCents() > 0);
    }

    public long outstandingCents() {
        return running().total(l -> debtOf(l).getCents());
    }

    public boolean guarantees(String person) {
        return this.guarantors.keys().anyOf(l -> this.guarantors.lookup(l).anyOf(g -> g.equals(person)));
    }

    public String firstGuarantor(String loan) {
        Seq<String> people = this.guarantors.lookup(loan);
        return people.isBare() ? "none" : people.at(0);
    }

    /** Take loans that are paid back off the book. */
    public void tidy() {
        try (Scope scope = this.log.begin("tidy")) {
            for (String loan : this.debts.keys().keep(l -> debtOf(l).getCents() == 0)) {
                this.debts.unbind(loan);
                this.guarantors.unbind(loan);
            }
            scope.mark("paid back");
        }
    }

    public Index<String, Seq<String>> bySize() {
        return running().groupBy(l -> debtOf(l).getCents() > 1000000 ? "large" : "small");
    }

    /** Count for how many loans every person stands. */
    public Index<String, Integer> burdens() {
        Index<String, Integer> burdens = Index.create();
        for (String loan : this.guarantors.keys()) {
            for (String person : this.guarantors.lookup(loan)) {
                burdens.bind(person, burdens.lookupOr(person, 0) + 1);
            }
        }
        return burdens;
    }

    public void checkExposure(Money ceiling) {
        Guard.notNull(ceiling, "ceiling");
        Money exposure = Money.of(outstandingCents(), ceiling.getCurrency());
        if (exposure.exceeds(ceiling)) {
            this.log.alarm("Exposure of {} is over {}", exposure, ceiling);
        }
    }

    public String largest() {
        return running().sortBy(l -> -debtOf(l).getCents()).firstOr("none");
    }

    public int termLeft(Store store, String loan) {
        Row row = store.one("select months from loans where id = ?", loan);
        if (row == null) {
            this.log.warn("Loan {} has no term", loan);
            return 0;
        }
        return (int) row.number("months");
    }
}

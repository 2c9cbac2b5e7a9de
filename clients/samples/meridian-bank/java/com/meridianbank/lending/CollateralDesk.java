package com.meridianbank.lending;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.store.Row;
import org.cairn.store.Store;
import org.cairn.store.Tx;

/** What customers have pledged. */
public final class CollateralDesk {
    private final Store store;
    private final Index<String, Money> values = Index.create();

    public CollateralDesk(Store store) {
        Guard.notNull(store, "store");
        this.store = store;
    }

    public void pledge(String loan, Money value) {
        Guard.notBlank(loan, "loan");
        this.values.bind(loan, value);
        this.store.change("insert into pledges values (?, ?, ?)", this.store.nextId("pledge"), loan, value.getCents());
        Audit.note("pledge.added", loan);
    }

    public boolean covers(String loan, Money debt) {
        Guard.notNull(debt, "debt");
        return this.values.holds(loan) && !debt.exceeds(this.values.lookup(loan));
    }

    public void release(String loan) {
        try (Tx tx = this.store.open()) {
            this.store.change("delete from pledges where loan = ?", loan);
            tx.commit();
        }
        this.values.unbind(loan);
    }

    public long pledgedCents(String loan) {
        Row row = this.store.one("select sum(cents) as cents from pledges where loan = ?", loan);
        return row.absent("cents") ? 0 : row.number("cents");
    }
}

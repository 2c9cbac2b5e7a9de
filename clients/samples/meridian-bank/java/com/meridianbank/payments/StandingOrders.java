package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.log.Scope;

/** Orders that are paid again and again. */
public final class StandingOrders {
    private final Log log = Logs.of(StandingOrders.class);
    private final Index<String, Seq<Payment>> orders = Index.create();
    private final PaymentDesk desk;
    private final Meters meters = Meters.shared();

    public StandingOrders(PaymentDesk desk) {
        Guard.notNull(desk, "desk");
        this.desk = desk;
        this.log.info("Standing orders are loaded");
    }

    public void add(String owner, Payment order) {
        Guard.notBlank(owner, "owner");
        Guard.notNull(order, "order");
        if (!this.orders.holds(owner)) {
            Seq<Payment> empty = Seq.create();
            this.orders.bind(owner, empty);
        }
        this.orders.lookup(owner).push(order);
    }

    public int countFor(String owner) {
        return this.orders.holds(owner) ? this.orders.lookup(owner).count() : 0;
    }

    public void removeAll(String owner) {
        Guard.notBlank(owner, "owner");
        this.orders.unbind(owner);
        Audit.note("standing.removed", owner);
        this.log.warn("All orders of {} were removed", owner);
    }

    /** Hand the orders of one customer to the payment desk. */
    public void run(String owner) {
        Log log = this.log.tagged("owner", owner);
        try (Scope scope = log.begin("standing orders")) {
            for (Payment order : this.orders.lookup(owner)) {
                this.desk.accept(order);
            }
            scope.mark("handed over");
        }
    }

    public void runAll() {
        for (String owner : this.orders.keys()) {
            run(owner);
            this.meters.tick("standing.owners");
        }
    }

    public long monthlyCents(String owner) {
        Guard.notBlank(owner, "owner");
        return this.orders.lookup(owner).total(o -> o.getAmount().getCents());
    }

    public Payment largest(String owner) {
        Seq<Payment> sorted = this.orders.lookup(owner).sortBy(o -> -o.getAmount().getCents());
        return sorted.firstOr(null);
    }

    public Payment first(String owner) {
        Seq<Payment> orders = this.orders.lookup(owner);
        return orders.isBare() ? null : orders.at(0);
    }

    public boolean pays(String owner, String iban) {
        return this.orders.holds(owner) && this.orders.lookup(owner).anyOf(o -> o.getIban().equals(iban));
    }

    public void reportSize() {
        this.meters.level("standing.owners", this.orders.count());
        if (this.log.tracing()) {
            this.log.trace("Owners: {}", this.orders.keys().joined(", "));
        }
    }
}

package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Pays the salaries of a company in one go. */
public final class BatchRun {
    private final Log log = Logs.of(BatchRun.class);
    private final Store store;
    private final Seq<Payment> payments = Seq.create();

    public BatchRun(Store store) {
        Guard.notNull(store, "store");
        this.store = store;
    }

    public void add(Payment payment) {
        Guard.notNull(payment, "payment");
        if (this.payments.anyOf(p -> p.getNumber().equals(payment.getNumber()))) {
            throw Fault.of("BAT-01", "Payment is in twice");
        }
        this.payments.push(payment);
    }

    public Money sum() {
        return Money.of(this.payments.total(p -> p.getAmount().getCents()), "EUR");
    }

    public void save(String company) {
        try (Tx tx = this.store.open()) {
            for (Payment payment : this.payments) {
                this.store.change("insert into batch values (?, ?)", company, payment.getNumber());
            }
            tx.commit();
        }
        this.log.info("Saved {} payments of {}", this.payments.count(), company);
    }

    public Day payDay() {
        Day end = Instants.today().monthEnd();
        return end.isWeekend() ? end.nextWorkday() : end;
    }

    public boolean isLate(Moment deadline) {
        Guard.notNull(deadline, "deadline");
        return Instants.now().isAfter(deadline);
    }

    public void writeJournal(String company) {
        Journal journal = Ledgers.openJournal("batch-" + company);
        for (Payment payment : this.payments) {
            journal.enter(payment.toString());
        }
        journal.seal();
        Audit.note("batch.journal", company);
    }

    public String recipients() {
        return this.payments.convert(p -> p.getIban()).joined(", ");
    }
}

package com.meridianbank.accounts;

import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Accounts on which nothing has happened for years. */
public final class DormantAccounts {
    private final Store store;
    private final Log log = Logs.of(DormantAccounts.class);

    public DormantAccounts(Store store) {
        Guard.notNull(store, "store");
        this.store = store;
    }

    public Seq<String> find(Day since) {
        Guard.notNull(since, "since");
        Seq<String> dormant = Seq.create();
        Rows rows = this.store.query("select iban from accounts where moved < ?", since.format("yyyy-MM-dd"));
        while (rows.next()) {
            dormant.push(rows.string("iban"));
        }
        return dormant;
    }

    public int close(Seq<String> ibans) {
        Guard.notNull(ibans, "ibans");
        int closed = 0;
        for (String iban : ibans) {
            closed += this.store.change("update accounts set closed = 1 where iban = ?", iban);
        }
        this.log.warn("Closed {} dormant accounts", closed);
        return closed;
    }

    public boolean isDormant(String iban) {
        Row row = this.store.one("select moved from accounts where iban = ?", iban);
        return row == null || row.absent("moved");
    }

    public Day threshold() {
        return Instants.today().plusMonths(-36).monthEnd();
    }
}

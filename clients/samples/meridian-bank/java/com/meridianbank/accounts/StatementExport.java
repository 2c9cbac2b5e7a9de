package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Scope;
import org.cairn.store.Cache;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;

/** Writes statements for the post. */
public final class StatementExport {
    private final Journal journal;
    private final Log log = Logs.of(StatementExport.class);
    private final Cache cache;

    public StatementExport(Cache cache) {
        Guard.notNull(cache, "cache");
        this.cache = cache;
        this.journal = Ledgers.openJournal("statements");
    }

    public void export(Account account) {
        Guard.notNull(account, "account");
        String line = account.getIban() + " " + account.getBalance();
        this.journal.enter(line);
        this.cache.place(account.getIban(), line);
        Audit.note("statement.exported", account.getIban());
    }

    public String lastLine(String iban) {
        Guard.notBlank(iban, "iban");
        return this.cache.peek(iban);
    }

    public void exportAll(Seq<Account> accounts) {
        try (Scope scope = this.log.begin("export")) {
            for (Account account : accounts.sortBy(a -> a.getIban())) {
                export(account);
            }
            scope.mark("exported");
        }
        this.journal.seal();
    }

    public void forget(String iban) {
        this.cache.evict(iban);
        this.log.trace("Forgot {}", iban);
    }
}

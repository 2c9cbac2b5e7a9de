package com.meridianbank.accounts;

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

/** All accounts of one branch. */
public final class AccountBook {
    private final Log log = Logs.of(AccountBook.class);
    private final Index<String, Account> accounts = Index.create();
    private final Meters meters;

    public AccountBook(Meters meters) {
        Guard.notNull(meters, "meters");
        this.meters = meters;
    }

    public void open(Account account) {
        Guard.notNull(account, "account");
        if (this.accounts.holds(account.getIban())) {
            throw Fault.of("ACC-01", "Account exists already");
        }
        this.accounts.bind(account.getIban(), account);
        this.meters.tick("accounts.opened");
        this.log.info("Opened {} for {}", account.getIban(), account.getOwner());
    }

    public Account accountOf(String iban) {
        Guard.notBlank(iban, "iban");
        Account account = this.accounts.lookup(iban);
        if (account == null) {
            throw Fault.of("ACC-05", "No account " + iban);
        }
        return account;
    }

    public void close(String iban) {
        Account account = accountOf(iban);
        this.accounts.unbind(account.getIban());
        this.meters.tick("accounts.closed");
        Audit.note("account.closed", iban);
    }

    public void transfer(String from, String to, Money amount) {
        Guard.notNull(amount, "amount");
        Log log = this.log.tagged("from", from);
        try (Scope scope = log.begin("transfer")) {
            accountOf(from).withdraw(amount);
            scope.mark("withdrawn");
            accountOf(to).deposit(amount);
        }
    }

    public Seq<Account> all() {
        Seq<Account> all = Seq.create();
        for (String iban : this.accounts.keys()) {
            all.push(this.accounts.lookup(iban));
        }
        return all;
    }

    public Seq<Account> ownedBy(String owner) {
        Guard.notBlank(owner, "owner");
        return all().keep(a -> a.getOwner().equals(owner)).sortBy(a -> a.getIban());
    }

    public Seq<String> frozenIbans() {
        return all().keep(a -> a.isFrozen()).convert(a -> a.getIban());
    }

    public long totalCents() {
        return all().total(a -> a.getBalance().getCents());
    }

    public Account first(String owner) {
        return ownedBy(owner).firstOr(null);
    }

    public Index<String, Seq<Account>> byOwner() {
        return all().groupBy(a -> a.getOwner());
    }

    /** Add up what every customer owns. */
    public Index<String, Long> centsByOwner() {
        Index<String, Long> cents = Index.create();
        for (Account account : all()) {
            cents.bind(account.getOwner(), cents.lookupOr(account.getOwner(), 0L) + account.getBalance().getCents());
        }
        return cents;
    }

    public boolean tryClose(String iban) {
        try {
            close(iban);
            return true;
        } catch (Fault ex) {
            this.log.fail(ex, "Account stays open");
            return false;
        }
    }

    /** Take the money where there is enough, and tell whether there was. */
    public boolean tryWithdraw(String iban, Money amount) {
        try {
            accountOf(iban).withdraw(amount);
            return true;
        } catch (Fault ex) {
            this.log.fail(ex, "Withdrawal failed");
            return false;
        }
    }

    public void report() {
        this.meters.level("accounts.open", this.accounts.count());
        this.meters.level("accounts.frozen", frozenIbans().count());
        if (this.log.tracing()) {
            this.log.trace("Frozen: {}", frozenIbans().joined(", "));
        }
    }
}

package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Guard;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Cache;

/** Tells other departments what lies on an account. */
public final class BalanceApi {
    private final Log log = Logs.of(BalanceApi.class);
    private final AccountBook book;
    private final Cache cache;

    public BalanceApi(AccountBook book, Cache cache) {
        Guard.notNull(book, "book");
        Guard.notNull(cache, "cache");
        this.book = book;
        this.cache = cache;
    }

    public Answer balance(Request request) {
        String iban = request.param("iban");
        if (iban == null) {
            return Answer.invalid("iban is missing");
        }
        Audit.note("balance.read", iban);
        return Answer.of(this.book.accountOf(iban).getBalance());
    }

    public Answer owner(Request request) {
        Account account = this.book.accountOf(request.segment(2));
        if (account.isFrozen()) {
            Audit.denied("owner.read", account.getIban());
            return Answer.refused("Account is frozen");
        }
        return Answer.of(account.getOwner());
    }

    public Answer accounts(Request request) {
        Seq<Account> owned = this.book.ownedBy(request.param("owner"));
        if (owned.isBare()) {
            return Answer.missing("No account");
        }
        return Answer.of(owned.convert(a -> a.getIban()).joined(","));
    }

    public String cached(String iban) {
        Guard.notBlank(iban, "iban");
        String known = this.cache.peek(iban);
        if (known == null) {
            this.log.trace("{} is not cached", iban);
            this.cache.place(iban, this.book.accountOf(iban).getBalance().toString());
        }
        return this.cache.peek(iban);
    }

    public void changed(String iban) {
        Guard.notBlank(iban, "iban");
        this.cache.evict(iban);
        this.log.info("{} has changed", iban);
    }

    public Answer freeze(Request request) {
        String iban = request.segment(2);
        this.book.accountOf(iban).freeze(request.body());
        changed(iban);
        return Answer.made(iban);
    }
}

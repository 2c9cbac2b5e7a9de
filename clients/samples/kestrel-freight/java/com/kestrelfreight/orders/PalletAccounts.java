package com.kestrelfreight.orders;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Meters;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.time.Day;

/** Which customers still have our pallets. */
public final class PalletAccounts {
    private static final int CENTS_PER_PALLET = 1250;

    private final Index<String, Integer> balances = Index.create();
    private final Meters meters = Meters.shared();
    private final Log log = Logs.of(PalletAccounts.class);
    private final Journal journal;

    public PalletAccounts(String depot) {
        Check.text(depot, "depot");
        journal = Ledgers.openJournal("pallets-" + depot);
    }

    public void lend(String customer, int pallets) {
        Check.that(pallets > 0, "nothing to lend");
        balances.bind(customer, balances.lookupOr(customer, 0) + pallets);
        journal.enter(customer + " has " + pallets + " more");
        meters.record("pallets.lent", pallets);
    }

    public Result<Integer> giveBack(String customer, int pallets) {
        final int open = balances.lookupOr(customer, 0);
        if (pallets > open) {
            return Result.failed("only " + open + " are open");
        }
        balances.bind(customer, open - pallets);
        return Result.ok(open - pallets);
    }

    public void writeOff(String customer) {
        log.warn("{} pallets of {} are lost", balances.lookup(customer), customer);
        balances.unbind(customer);
        journal.enter(customer + " was written off");
    }

    public Seq<String> debtors() {
        return balances.keys().keep(c -> balances.lookup(c) > 0).sortBy(c -> -balances.lookup(c));
    }

    public long deposit() {
        return debtors().total(c -> balances.lookup(c) * CENTS_PER_PALLET);
    }

    public String worstDebtor() {
        return debtors().firstOr("nobody");
    }

    public void remind(Day day) {
        for (String customer : debtors()) {
            log.info("{} has time until {}", customer, day.format("dd.MM."));
            Events.raise("pallets.reminded", customer);
        }
    }

    public void closeYear() {
        meters.level("pallets.debtors", debtors().count());
        journal.enter("open: " + debtors().joined(" "));
        journal.seal();
    }
}

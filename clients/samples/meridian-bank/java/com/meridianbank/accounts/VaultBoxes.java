package com.meridianbank.accounts;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Journal;
import org.cairn.store.Ledgers;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.StoreFault;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Rents out the boxes in the vault. */
public final class VaultBoxes {
    private static final long CENTS_A_DAY = 35;

    private final Store store;
    private final Journal visits;
    private final Log log = Logs.of(VaultBoxes.class);

    public VaultBoxes(Store store, String vault) {
        Guard.notNull(store, "store");
        Guard.notBlank(vault, "vault");
        this.store = store;
        this.visits = Ledgers.openJournal("vault-" + vault);
    }

    public long rent(String box, Day start) {
        Guard.notBlank(box, "box");
        long rental = this.store.nextId("rentals");
        this.store.change("insert into rentals values (?, ?, ?)", rental, box, start.format("yyyy-MM-dd"));
        return rental;
    }

    public String tenant(String box) {
        Row row = this.store.one("select iban from rentals where box = ?", box);
        if (row == null || row.absent("iban")) {
            throw Fault.of("VLT-01", "Box is not rented: " + box);
        }
        return row.string("iban");
    }

    public boolean isSealed(String box) {
        Row row = this.store.one("select sealed from boxes where number = ?", box);
        return row == null || row.flag("sealed");
    }

    /** Every visit is written down before the door opens. */
    public void visit(String box, String person) {
        if (isSealed(box)) {
            Audit.denied("vault.visit", person);
            throw Fault.of("VLT-02", "Box is sealed");
        }
        this.visits.enter(Instants.now().format("HH:mm") + " " + box + " " + person);
    }

    public Money rentBetween(Day from, Day to) {
        Guard.notNull(from, "from");
        long days = from.until(to).days();
        return Money.of(days * CENTS_A_DAY, "EUR");
    }

    public void handOver(String box, String heir) {
        try (Tx tx = this.store.open()) {
            int changed = this.store.change("update rentals set iban = ? where box = ?", heir, box);
            if (changed != 1) {
                tx.undo();
                throw Fault.of("VLT-03", "Box cannot change hands");
            }
            tx.commit();
        }
    }

    public long owedCents(String iban) {
        long owed = 0;
        Rows rows = this.store.query("select cents from rents where iban = ? and paid = 0", iban);
        while (rows.next()) {
            owed = owed + rows.number("cents");
        }
        return owed;
    }

    public boolean giveBack(String box) {
        try {
            return this.store.change("delete from rentals where box = ?", box) == 1;
        } catch (StoreFault ex) {
            this.log.fail(ex, "Box cannot be given back");
            return false;
        }
    }

    public void lockUp() {
        this.visits.enter("locked on " + Instants.today().format("dd.MM.yyyy"));
        this.visits.seal();
        this.log.info("The vault is locked");
    }
}

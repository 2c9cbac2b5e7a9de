package com.kestrelfreight.customs;

import com.kestrelfreight.orders.Consignment;
import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Weight;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;

/** Goods that stay with us until their duty is paid. */
public final class BondedStock {
    private final Index<String, Weight> goods = Index.create();
    private final Log log = Logs.of(BondedStock.class);
    private final Store store;
    private final Weight limit;

    public BondedStock(Store store, Weight limit) {
        this.store = store;
        this.limit = limit;
    }

    public Weight getLimit() {
        return limit;
    }

    public void restore() {
        final Rows rows = store.query("select code, kg, freed from bonded");
        while (rows.next()) {
            if (!rows.flag("freed")) {
                goods.bind(rows.string("code"), Weight.kg(rows.number("kg")));
            }
        }
        log.info("{} consignments stay in bond", goods.count());
    }

    public void bring(Consignment consignment) {
        Check.that(consignment.fits(limit), "too heavy for the racks");
        final long rack = store.nextId("racks");
        goods.bind(consignment.getCode(), consignment.getWeight());
        store.change("insert into bonded values (?, ?)", rack, consignment.getCode());
    }

    public Result<String> free(String code) {
        try (Tx tx = store.open()) {
            if (store.change("update bonded set freed = 1 where code = ?", code) != 1) {
                tx.undo();
                return Result.failed(code + " is not in bond");
            }
            tx.commit();
        }
        goods.unbind(code);
        return Result.ok(code);
    }

    public Weight load() {
        return Weight.kg(goods.keys().total(c -> goods.lookup(c).getKilograms()));
    }

    public boolean isFull() {
        return load().heavierThan(limit);
    }

    public boolean isInspected(String code) {
        final Row row = store.one("select seen from bonded where code = ?", code);
        if (row == null || row.absent("seen")) {
            log.warn("Nobody was sent to {}", code);
            return false;
        }
        return row.flag("seen");
    }

    public Day lastDay(String code) {
        final Row row = store.one("select entered from bonded where code = ?", code);
        Check.that(row != null, "goods never came in");
        return Day.parse(row.string("entered")).plusDays(45);
    }

    public Seq<String> overdue(Day today) {
        return goods.keys().keep(c -> today.isAfter(lastDay(c)));
    }
}

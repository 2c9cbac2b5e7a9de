package com.haldenclinic.analyzers;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Who runs the instruments tonight. */
public final class ShiftPlan {
    private final Index<String, String> m_shifts = Index.create();
    private final Store m_store;
    private final Log m_log = Logs.of(ShiftPlan.class);

    public ShiftPlan(Store store) {
        m_store = store;
    }

    public void assign(Day day, String person) {
        if (day.isBefore(Instants.today())) {
            throw new LabError("day has passed");
        }
        m_shifts.bind(day.format("yyyy-MM-dd"), person);
        m_log.info("{} works on {}", person, day.format("dd.MM."));
    }

    public Maybe<String> tonight() {
        String day = Instants.today().format("yyyy-MM-dd");
        if (!m_shifts.holds(day)) {
            return Maybe.none();
        }
        return Maybe.some(m_shifts.lookup(day));
    }

    public Seq<String> daysOf(String person) {
        return m_shifts.keys().keep(d -> m_shifts.lookup(d).equals(person));
    }

    public void save() {
        try (Tx tx = m_store.open()) {
            for (String day : m_shifts.keys()) {
                m_store.change("insert into shifts values (?, ?)", day, m_shifts.lookup(day));
            }
            tx.commit();
        }
    }
}

package com.haldenclinic.patients;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Row;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Who gives blood, and when again. */
public final class DonorRoll {
    private final Index<String, Day> m_last = Index.create();
    private final Index<String, Moment> m_deferred = Index.create();
    private final Log m_log = Logs.of(DonorRoll.class);
    private final Store m_store;

    public DonorRoll(Store store) {
        m_store = store;
    }

    public void donated(String donor, Day day) {
        Consent.check(donor, "donation");
        m_last.bind(donor, day);
        Trace.step("blood given in week " + day.weekOfYear(), donor);
    }

    /** A donor rests for eight weeks. */
    public Day nextAllowed(String donor) {
        Day longAgo = Instants.today().minusDays(56);
        return m_last.lookupOr(donor, longAgo).plusDays(56);
    }

    public boolean mayDonate(String donor) {
        return !m_deferred.holds(donor) && !nextAllowed(donor).isAfter(Instants.today());
    }

    public void defer(String donor, int months) {
        m_deferred.bind(donor, Instants.now().plusMonths(months));
        m_log.warn("{} must not give blood for {} months", donor, months);
    }

    public long daysDeferred(String donor) {
        if (!m_deferred.holds(donor)) {
            throw new LabError(donor + " may come at any time");
        }
        return Instants.now().until(m_deferred.lookup(donor)).days();
    }

    /** Let everybody come again who has waited long enough. */
    public void readmit() {
        Moment now = Instants.now();
        for (String donor : m_deferred.keys().keep(d -> m_deferred.lookup(d).isBefore(now))) {
            m_deferred.unbind(donor);
            Trace.step("donor readmitted", donor);
        }
    }

    public void save() {
        for (String donor : m_last.keys()) {
            String day = m_last.lookup(donor).format("yyyy-MM-dd");
            m_store.change("update donors set last = ? where id = ?", day, donor);
        }
        m_log.info("{} donors were saved", m_last.count());
    }

    public boolean isOfGroup(String donor, String group) {
        Row row = m_store.one("select blood from donors where id = ?", donor);
        return row != null && row.string("blood").equals(group);
    }

    public Maybe<String> volunteer(String group) {
        String found = m_last.keys().keep(d -> isOfGroup(d, group)).firstOr(null);
        if (found == null) {
            return Maybe.none();
        }
        return Maybe.some(found);
    }
}

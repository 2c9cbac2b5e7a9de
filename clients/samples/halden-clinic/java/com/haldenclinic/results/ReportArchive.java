package com.haldenclinic.results;

import com.haldenclinic.platform.Consent;
import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Scope;
import org.cairn.store.Cache;
import org.cairn.store.Row;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Moment;

/** Keeps the letters to the doctors. */
public final class ReportArchive {
    private final Store m_store;
    private final Cache m_cache;
    private final Log m_log = Logs.of(ReportArchive.class);

    public ReportArchive(Store store, Cache cache) {
        m_store = store;
        m_cache = cache;
    }

    public long file(String patient, String text) {
        Consent.check(patient, "archive");
        long report = m_store.nextId("reports");
        m_store.change("insert into reports values (?, ?, ?)", report, patient, text);
        Trace.step("report filed", report);
        return report;
    }

    public Maybe<String> text(long report) {
        Row row = m_store.one("select text from reports where id = ?", report);
        if (row == null || row.absent("text")) {
            return Maybe.none();
        }
        return Maybe.some(row.string("text"));
    }

    public String cachedText(String report) {
        String known = m_cache.peek(report);
        if (known == null) {
            m_log.trace("Report {} is not cached", report);
            return "";
        }
        return known;
    }

    public void replace(String report, String text) {
        if (text.isEmpty()) {
            throw new LabError("report is empty");
        }
        m_store.change("update reports set text = ? where id = ?", text, report);
        m_cache.evict(report);
        m_cache.place(report, text);
    }

    public int shred(String patient) {
        try (Tx tx = m_store.open()) {
            int gone = m_store.change("delete from reports where patient = ?", patient);
            if (gone == 0) {
                tx.undo();
            } else {
                tx.commit();
            }
            return gone;
        }
    }

    public void index() {
        try (Scope scope = m_log.begin("index reports")) {
            Rows rows = m_store.query("select id from reports where indexed = 0");
            while (rows.next()) {
                m_store.change("update reports set indexed = 1 where id = ?", rows.number("id"));
            }
            m_log.info("Indexing took {} ms", scope.elapsedMillis());
        }
    }

    public boolean isSigned(long report) {
        Row row = m_store.one("select signed from reports where id = ?", report);
        if (row == null) {
            throw new LabError("no report " + report);
        }
        return row.flag("signed");
    }

    public void sign(long report, String doctor) {
        m_store.change("update reports set signed = 1 where id = ?", report);
        m_log.tagged("report", report).info("Signed by {}", doctor);
    }

    public void send(Caller post, String report) {
        Reply reply = post.post("/letters", Form.of("report", report));
        if (!reply.isFine()) {
            m_log.warn("Report {} was not sent", report);
        }
    }

    public String printed(Moment moment) {
        return "Printed on " + moment.format("dd.MM.yyyy");
    }
}

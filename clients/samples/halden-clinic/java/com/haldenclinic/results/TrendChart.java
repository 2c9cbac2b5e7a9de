package com.haldenclinic.results;

import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Quantity;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;

/** How the values of a patient change. */
public final class TrendChart {
    private final ResultStore m_results;
    private final Seq<Quantity> m_values = Seq.create();
    private final Log m_log = Logs.of(TrendChart.class);

    public TrendChart(ResultStore results) {
        m_results = results;
    }

    public void add(String barcode, String test) {
        Maybe<Quantity> found = m_results.find(barcode, test);
        if (!found.isPresent()) {
            m_log.warn("{} has no {}", barcode, test);
            return;
        }
        m_values.push(found.orElse(null));
    }

    public Maybe<Quantity> latest() {
        if (m_values.isBare()) {
            return Maybe.none();
        }
        return Maybe.some(m_values.at(m_values.count() - 1));
    }

    public boolean isRising() {
        return m_values.count() > 1 && m_values.at(1).above(m_values.at(0));
    }

    public String line() {
        return m_values.convert(v -> v.toString()).joined(" > ");
    }
}

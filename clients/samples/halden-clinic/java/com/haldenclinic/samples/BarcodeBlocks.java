package com.haldenclinic.samples;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import org.cairn.collect.Index;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Store;

/** Hands out barcodes to the wards. */
public final class BarcodeBlocks {
    private final Store m_store;
    private final Index<String, Long> m_blocks = Index.create();
    private final Log m_log = Logs.of(BarcodeBlocks.class);

    public BarcodeBlocks(Store store) {
        m_store = store;
    }

    public long reserve(String ward) {
        long block = m_store.nextId("barcodes");
        m_blocks.bind(ward, block);
        m_log.info("Block {} belongs to {}", block, ward);
        return block;
    }

    public Maybe<Long> blockOf(String ward) {
        if (!m_blocks.holds(ward)) {
            return Maybe.none();
        }
        return Maybe.some(m_blocks.lookup(ward));
    }

    public Seq<String> wards() {
        return m_blocks.keys().sortBy(w -> m_blocks.lookup(w));
    }

    public void giveBack(String ward) {
        if (!m_blocks.holds(ward)) {
            throw new LabError("no block of " + ward);
        }
        m_blocks.unbind(ward);
        Trace.step("block given back", ward);
    }
}

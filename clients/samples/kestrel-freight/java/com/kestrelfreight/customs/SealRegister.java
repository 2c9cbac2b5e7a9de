package com.kestrelfreight.customs;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Index;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Cache;

/** Which seal closes which container. */
public final class SealRegister {
    private final Index<String, String> seals = Index.create();
    private final Cache cache;
    private final Log log = Logs.of(SealRegister.class);

    public SealRegister(Cache cache) {
        this.cache = cache;
    }

    public void close(String container, String seal) {
        Check.text(seal, "seal");
        seals.bind(container, seal);
        cache.place(seal, container);
        Events.raise("seal.closed", seal);
    }

    public Result<String> containerOf(String seal) {
        final String container = cache.peek(seal);
        if (container == null) {
            return Result.failed("unknown seal");
        }
        return Result.ok(container);
    }

    public void open(String container) {
        Check.that(seals.holds(container), "container is not sealed");
        cache.evict(seals.lookup(container));
        seals.unbind(container);
        log.info("{} was opened", container);
    }

    public boolean isUsed(String seal) {
        return seals.keys().anyOf(c -> seals.lookup(c).equals(seal));
    }
}

package org.cairn.log;

import java.util.HashMap;
import java.util.Map;

/** Counts what happens in a process. */
public final class Meters {
    private static final Meters SHARED = new Meters();
    private final Map<String, Long> values = new HashMap<>();

    /** Return the meters of this process. */
    public static Meters shared() {
        return SHARED;
    }

    public void tick(String name) {
        values.merge(name, 1L, Long::sum);
    }

    /** Add a measured value to the sum of its name. */
    public void record(String name, long value) {
        values.merge(name, value, Long::sum);
    }

    /** Set a value that goes up and down. */
    public void level(String name, long value) {
        values.put(name, value);
    }
}

/*
 * A licence text that belongs to the file, not to the class below it.
 */
package org.example.billing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Money that came and went. */
public class Ledger<T extends Entry> implements Iterable<T> {
    private static final int LIMIT = 10; // no unit, and no doc of the next one
    public Ledger() {
        this(LIMIT);
    }

    // Why there is a limit:
    // see the contract.
    /** Makes an empty ledger. */
    protected Ledger(final int limit) {
        this.limit = limit;
    }

    /* far above: not part of it */

    @Override
    @SuppressWarnings({"unchecked", "a } in a string"})
    public java.util.Iterator<T> iterator() {
        return new java.util.Iterator<T>() {
            public boolean hasNext() {
                return false;
            }

            public T next() {
                return null;
            }
        };
    }

    <K> Map<K, List<T>> group(Map<K, ? extends T> by, int[][] sizes, String... names) throws Fault {
        Comparator<T> order = (a, b) -> a.compareTo(b);
        return null;
    }

    abstract int open(int a, long b);

    enum State {
        OPEN {
            @Override
            boolean isOpen() {
                return true;
            }
        };

        boolean isOpen() {
            return false;
        }
    }

    record Range(int from, int to) {
        Range {
            assert from <= to;
        }
    }

    @interface Audited {
        String by() default "nobody";
    }

    interface Source {
        int read();

        default String näme() {
            return "ünïcode";
        }
    }
}

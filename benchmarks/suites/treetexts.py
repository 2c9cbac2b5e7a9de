"""The files of the repositories that `trees` makes; NOUN, PACKAGE and NUMBER are filled in."""

ENTITY = """/*
 * Copyright Example Shop Ltd.
 */
package PACKAGE;

import java.util.ArrayList;
import java.util.List;

/** A NOUN of the shop. */
public class NOUN {
    private final String id;
    private int count;
    private final List<String> notes = new ArrayList<String>();

    /** Makes one that holds so many things. */
    public NOUN(String id, int count) {
        if (count < 0) {
            throw new IllegalArgumentException("count is below zero");
        }
        this.id = id;
        this.count = count;
    }

    public String getId() {
        return this.id;
    }

    public int getCount() {
        return this.count;
    }

    /** Adds some, which may be none. */
    public void increase(int more) {
        // below zero is no increase
        if (more > 0) {
            this.count = this.count + more;
        }
    }

    public void note(String text) {
        this.notes.add(text);
    }

    public int noteCount() {
        return this.notes.size();
    }

    public NOUNState state() {
        return this.count == 0 ? NOUNState.EMPTY : NOUNState.FILLED;
    }

    /** One line on paper. */
    public static class Line {
        private final int cents;

        public Line(int cents) {
            this.cents = cents;
        }

        public int getCents() {
            return this.cents;
        }

        public boolean isFree() {
            return this.cents == 0;
        }
    }
}
"""
ENUM = """package PACKAGE;

/** Where a NOUN is. */
public enum NOUNState {
    EMPTY,
    FILLED
}
"""
INTERFACE = """package PACKAGE;

/** Keeps things by their names. */
public interface NOUNStore<T> {
    T find(String id);

    void keep(String id, T thing);

    int size();
}
"""
STORE = """package PACKAGE;

import java.util.HashMap;
import java.util.Map;

/** Keeps them while the program runs. */
public class MemoryNOUNStore<T> implements NOUNStore<T> {
    private final Map<String, T> things = new HashMap<String, T>();

    public T find(String id) {
        return this.things.get(id);
    }

    public void keep(String id, T thing) {
        this.things.put(id, thing);
    }

    public int size() {
        return this.things.size();
    }
}
"""
SUMS = """package PACKAGE;

/** Arithmetic of the NOUN desk. */
public final class NOUNSums {
    private NOUNSums() {
    }

    /** Price of all of them, with the fee. */
    public static int total(int price, int count) {
        return price * count + NUMBER;
    }

    public static int discounted(int price, int percent) {
        int off = price * percent / 100;
        return price - off;
    }

    public static int largest(int a, int b, int c) {
        int most = a;
        if (b > most) {
            most = b;
        }
        if (c > most) {
            most = c;
        }
        return most;
    }

    public static int digits(int number) {
        int left = number;
        int digits = 1;
        while (left >= 10 || left <= -10) {
            left = left / 10;
            digits = digits + 1;
        }
        return digits;
    }
}
"""
CHECK = """package PACKAGE;

/** Checks the NOUN desk. */
public class NOUNCheck {
    public void checkTotal() {
        if (NOUNSums.total(2, 3) != 6 + NUMBER) {
            throw new IllegalStateException("total");
        }
    }

    public void checkEntity() {
        NOUN one = new NOUN("a", 1);
        one.increase(2);
        if (one.getCount() != 3) {
            throw new IllegalStateException("count");
        }
    }
}
"""
PLAIN = """package shop;

public class NOUN {
    int   value( ) { return 1; }
}
"""
JUNIT3 = """package shop;

import junit.framework.TestCase;

/** Tests of NOUN. */
public class NOUNTest extends TestCase {
    private NOUN one;

    protected void setUp() {
        one = new NOUN();
    }

    /** The value is one. */
    public void testValue() {
        assertEquals(1, one.value());
    }

    public void testTwice() {
        assertEquals(2, one.value() + one.value());
    }

    private int   helper( ) { return 3; }
}
"""
JUNIT4 = """package shop;

import static org.junit.Assert.assertEquals;

import org.junit.Before;
import org.junit.Test;

/** Tests of NOUN. */
public class NOUNTest {
    private NOUN one;

    @Before
    public void setUp() {
        one = new NOUN();
    }

    /** The value is one. */
    @Test
    public void value() {
        assertEquals(1, one.value());
    }

    @Test
    public void twice() {
        assertEquals(2, one.value() + one.value());
    }

    private int   helper( ) { return 3; }
}
"""
PYTHON = '''"""Arithmetic of desk NUMBER."""


def total(price, count):
    # the fee is part of it
    return price * count + NUMBER


def largest(a, b):
    if a > b:
        return a
    return b


class Counter:
    """Counts what comes by."""

    def __init__(self, start):
        self.count = start

    def increase(self, more):
        self.count = self.count + more
        return self.count
'''

/*
 * Copyright of the file.
 */
package acme.shapes;

import static acme.base.Checks.require;
import acme.base.*;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.Serializable;
import java.util.*;
import java.util.function.*;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipFile;

/** All that Java has. */
@Deprecated
@Marker(name = "hard", level = 3)
public abstract class Hard<T extends Comparable<T> & Serializable, U> extends Base<T> implements Iterable<T>, Named, AutoCloseable {
    private static final int LIMIT = 1_000, TABLE[] = {1, 2}, OTHER = LIMIT * 2;
    protected static final String NAME = "hard \"one\"";
    public static final Map<String, List<Integer>> CACHE = new HashMap<>();
    static long counter;
    private final Object lock = new Object();
    volatile boolean ready;
    transient char sign = 'x';
    char number = 65;
    private Gson gson;
    ZipFile zip = null;
    double[] a, b[] = null;
    Double ratio = 0.5;
    Long big = 10L;
    float small = 1.5f;
    private final Comparator<T> order = new Comparator<T>() {
        @Override
        public int compare(T left, T right) {
            return left.compareTo(right);
        }
    };
    private final Supplier<? extends U> maker;
    int event, object, string;

    static {
        counter = 1;
    }

    static {
        counter = 2;
    }

    {
        ready = true;
    }

    protected Hard(T first, String text) {
        super(first, 5, "name" + text);
        maker = null;
    }

    Hard(Supplier<U> maker) {
        this(null, "text");
    }

    private Hard() {
        this(compute(), String.valueOf(3));
    }

    static <T> T compute() { return null; }

    @Override
    public String toString() { return "x"; }

    @Override
    public boolean equals(Object other) { return other == this; }

    @Override
    public int hashCode() { return 1; }

    @Override
    protected Number size() { return 1; }

    @Override
    public Iterator<T> iterator() { return null; }

    @Override
    public void close() { }

    abstract int open(int value, long... more) throws IOException, Fault;

    public abstract <K extends Enum<K>, V extends Number> Map<K, ? super V> group(Map<? extends K, ?> by, int[] sizes[], String... names);

    public final synchronized void locked() { }

    private static native void outside();

    int[] grid()[] { return null; }

    public Gson gson(Gson other) { return gson; }

    void hard() { }
    void Hard() { }
    void entry(Map.Entry<String, Integer> entry, java.util.Map.Entry<T, U> other) { }
    public Node<T> node(Node.Kind kind) { return null; }
    void in(int out, String ref, Object params, T as) { }
    void over(int a) { }
    void over(String a) { }
    Function<T, Function<U, Integer>> curried(BiFunction<T, U, Optional<String>> f, Runnable r, Consumer<? super T> c) { return null; }
    Class<?> type(Class<? extends Hard<?, ?>> k) { return null; }
    List raw(Map map, Iterable<?> all) { return null; }

    static class Node<E> {
        private E value;
        Node<E> next;
        enum Kind { LEFT, RIGHT }
        private Node(E value) { this.value = value; }
        interface Visitor<R> { R visit(Node<?> node); default void done() { } int MAX = 3; }
    }

    private class Inner implements Runnable {
        @Override
        public void run() { }
    }

    private static final class Hidden extends Hard<String, Integer> {
        Hidden() { super("a", "b"); }
        @Override int open(int value, long... more) { return 0; }
        @Override public <K extends Enum<K>, V extends Number> Map<K, ? super V> group(Map<? extends K, ?> by, int[] sizes[], String... names) { return null; }
        @Override public Integer size() { return 1; }
        @Override public String label() { return "h"; }
        @Override public void rename(String name) { }
    }

    public Hidden hidden() { return null; }

    protected record Pair<A, B extends Comparable<B>>(A first, B second, int... rest) implements Named, Comparable<Pair<A, B>> {
        static int made;
        Pair {
            require(first != null, "first");
        }
        Pair(A first) { this(first, null); }
        static <A, B extends Comparable<B>> Pair<A, B> of(A a, B b) { return null; }
        @Override public String label() { return "pair"; }
        @Override public void rename(String name) { }
        @Override public int compareTo(Pair<A, B> other) { return 0; }
        public A first() { return first; }
    }

    record Empty() { }

    enum Op implements IntBinaryOperator, Named {
        /** Adds. */
        PLUS("+", 1) {
            @Override public int applyAsInt(int a, int b) { return a + b; }
            @Override String symbol() { return "plus"; }
        },
        MINUS("-", Op.base()) {
            @Override public int applyAsInt(int a, int b) { return a - b; }
            private int helper = 3;
            private void help() { }
        };

        private static final Map<String, Op> BY = new HashMap<>();
        private final String symbol;
        private final int rank;

        Op(String symbol, int rank) { this.symbol = symbol; this.rank = rank; }

        static int base() { return 2; }
        String symbol() { return symbol; }
        @Override public String label() { return symbol; }
        @Override public void rename(String name) { }
        abstract static class Deep { }
    }

    enum Level { LOW(1), HIGH(2); final int weight; Level(int weight) { this.weight = weight; } abstract static class X {} }

    enum Simple implements Named { ONE, TWO; public String label() { return ""; } public void rename(String name) { } }

    enum Bare { A, B, ; }

    @interface Marker {
        String name() default "none";
        int level() default 1;
        String[] tags() default {};
        int KEY = 7;
    }
}

interface Named {
    String PREFIX = "n-";
    List<String> ALL = List.of("a");
    String label();
    void rename(String name);
    default String shown() { return PREFIX + label(); }
    static Named of(String name) { return null; }
    private void helper() { }
    class Default implements Named {
        public String label() { return ""; }
        public void rename(String name) { }
    }
    interface Listener extends Consumer<Named> { void heard(Default what); }
}

abstract class Partial<X> implements Source<X>, Named {
    public abstract X last();
    @Override public String label() { return "p"; }
}

class Full extends Partial<String> {
    @Override public String next() { return null; }
    @Override public boolean more(String from) { return false; }
    @Override public String last() { return null; }
    @Override public void rename(String name) { }
}

interface Source<E> { E next(); boolean more(E from); }

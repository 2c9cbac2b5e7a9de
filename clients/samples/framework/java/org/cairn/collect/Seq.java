package org.cairn.collect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** An ordered list that keeps the order in which its items were pushed. */
public final class Seq<T> implements Iterable<T> {
    private final List<T> items = new ArrayList<>();

    private Seq() {
    }

    /** Make an empty list. */
    public static <T> Seq<T> create() {
        return new Seq<>();
    }

    public void push(T item) {
        items.add(item);
    }

    public int count() {
        return items.size();
    }

    public boolean isBare() {
        return items.isEmpty();
    }

    public T at(int position) {
        return items.get(position);
    }

    /** Return the items for which the condition holds, in the same order. */
    public Seq<T> keep(Predicate<T> condition) {
        Seq<T> kept = create();
        for (T item : items) {
            if (condition.test(item)) {
                kept.push(item);
            }
        }
        return kept;
    }

    /** Return what the function makes of every item. */
    public <R> Seq<R> convert(Function<T, R> function) {
        Seq<R> converted = create();
        for (T item : items) {
            converted.push(function.apply(item));
        }
        return converted;
    }

    /** Return the items in ascending order of their key; equal keys keep their order. */
    public <K extends Comparable<K>> Seq<T> sortBy(Function<T, K> key) {
        Seq<T> sorted = create();
        sorted.items.addAll(items);
        sorted.items.sort(Comparator.comparing(key));
        return sorted;
    }

    public boolean anyOf(Predicate<T> condition) {
        return items.stream().anyMatch(condition);
    }

    /** Return the first item, or the other value where there is none. */
    public T firstOr(T other) {
        return items.isEmpty() ? other : items.get(0);
    }

    public long total(ToLongFunction<T> amount) {
        return items.stream().mapToLong(amount).sum();
    }

    public String joined(String separator) {
        StringBuilder text = new StringBuilder();
        for (T item : items) {
            if (text.length() > 0) {
                text.append(separator);
            }
            text.append(item);
        }
        return text.toString();
    }

    /** Sort the items into one list for every key. */
    public <K> Index<K, Seq<T>> groupBy(Function<T, K> key) {
        Index<K, Seq<T>> groups = Index.create();
        for (T item : items) {
            K name = key.apply(item);
            if (!groups.holds(name)) {
                groups.bind(name, create());
            }
            groups.lookup(name).push(item);
        }
        return groups;
    }

    @Override
    public Iterator<T> iterator() {
        return items.iterator();
    }
}

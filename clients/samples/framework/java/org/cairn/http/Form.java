package org.cairn.http;

/** Named values that travel as the body of a request. */
public final class Form {
    private final StringBuilder text = new StringBuilder();

    private Form() {
    }

    public static Form of(String name, Object value) {
        return new Form().and(name, value);
    }

    public Form and(String name, Object value) {
        if (text.length() > 0) {
            text.append('&');
        }
        text.append(name).append('=').append(value);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

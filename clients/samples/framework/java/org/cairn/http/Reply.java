package org.cairn.http;

import java.util.Map;

/** What another service answered. */
public final class Reply {
    private final int status;
    private final String text;
    private final Map<String, String> headers;

    public Reply(int status, String text, Map<String, String> headers) {
        this.status = status;
        this.text = text;
        this.headers = headers;
    }

    public int status() {
        return status;
    }

    public boolean isFine() {
        return status >= 200 && status < 300;
    }

    public String text() {
        return text;
    }

    public String header(String name) {
        return headers.get(name);
    }

    /** Return one value of a body that was sent as a form, or null. */
    public String field(String name) {
        for (String part : text.split("&")) {
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1);
            }
        }
        return null;
    }
}

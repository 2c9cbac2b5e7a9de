package org.cairn.http;

import java.util.HashMap;
import java.util.Map;

/** What somebody asks of this service. */
public final class Request {
    private final String[] segments;
    private final String body;
    private final Map<String, String> parameters = new HashMap<>();

    public Request(String path, String query, String body) {
        this.segments = path.split("/");
        this.body = body;
        for (String part : query.split("&")) {
            int place = part.indexOf('=');
            if (place > 0) {
                parameters.put(part.substring(0, place), part.substring(place + 1));
            }
        }
    }

    /** Return a value of the query, or null. */
    public String param(String name) {
        return parameters.get(name);
    }

    public String segment(int position) {
        return segments[position];
    }

    public String body() {
        return body;
    }
}

package org.cairn.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls one other service. */
public final class Caller {
    private final String address;
    private final Map<String, String> headers = new LinkedHashMap<>();

    private Caller(String address) {
        this.address = address;
    }

    public static Caller to(String address) {
        return new Caller(address);
    }

    public void withHeader(String name, String value) {
        headers.put(name, value);
    }

    public Reply get(String path) {
        return send("GET", path, null);
    }

    public Reply post(String path, Form form) {
        return send("POST", path, form);
    }

    public Reply put(String path, Form form) {
        return send("PUT", path, form);
    }

    public Reply drop(String path) {
        return send("DELETE", path, null);
    }

    private Reply send(String verb, String path, Form form) {
        try {
            HttpURLConnection connection = (HttpURLConnection) new URL(address + path).openConnection();
            connection.setRequestMethod(verb);
            headers.forEach(connection::setRequestProperty);
            if (form != null) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(form.toString().getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            InputStream stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            String text = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            Map<String, String> received = new LinkedHashMap<>();
            connection.getHeaderFields().forEach((name, values) -> received.put(name, values.get(0)));
            return new Reply(status, text, received);
        } catch (IOException ex) {
            throw new CallFault(verb + " " + address + path + " failed", ex);
        }
    }
}

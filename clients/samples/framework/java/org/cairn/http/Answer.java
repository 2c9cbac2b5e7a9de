package org.cairn.http;

/** What this service answers. */
public final class Answer {
    private final int status;
    private final String text;

    private Answer(int status, Object text) {
        this.status = status;
        this.text = String.valueOf(text);
    }

    public static Answer of(Object content) {
        return new Answer(200, content);
    }

    public static Answer made(Object content) {
        return new Answer(201, content);
    }

    public static Answer invalid(String reason) {
        return new Answer(400, reason);
    }

    public static Answer refused(String reason) {
        return new Answer(403, reason);
    }

    public static Answer missing(String reason) {
        return new Answer(404, reason);
    }

    public int getStatus() {
        return status;
    }

    public String getText() {
        return text;
    }
}

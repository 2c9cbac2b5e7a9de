package acme.base;
public class Fault extends RuntimeException {
    public Fault(String code, Throwable cause) { super("code " + code, cause); }
    public Fault(Throwable cause) { super(cause.getMessage()); }
    @Override public String getMessage() { return "m"; }
    @Override public synchronized Throwable fillInStackTrace() { return this; }
}

package acme.base;
public abstract class Base<Q> {
    protected Base(Q first, int count, String text) { }
    protected Base(Q first) { }
    protected Number size() { return 0; }
    void lonely() { }
}

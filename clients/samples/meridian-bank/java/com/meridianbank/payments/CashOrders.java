package com.meridianbank.payments;

import com.meridianbank.platform.Audit;
import com.meridianbank.platform.Fault;
import com.meridianbank.platform.Guard;
import com.meridianbank.platform.Money;
import org.cairn.collect.Index;
import org.cairn.http.CallFault;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** Orders banknotes for a branch from the cash centre. */
public final class CashOrders {
    private final Log log = Logs.of(CashOrders.class);
    private final Caller centre;
    private final Index<String, Money> amounts = Index.create();

    public CashOrders(String address, String branch) {
        Guard.notBlank(address, "address");
        Guard.notBlank(branch, "branch");
        this.centre = Caller.to(address);
        this.centre.withHeader("X-Branch", branch);
    }

    public String order(Money amount, Day day) {
        Guard.notNull(amount, "amount");
        Reply reply = this.centre.post("/orders", Form.of("cents", amount.getCents()).and("day", day.format("yyyy-MM-dd")));
        this.amounts.bind(reply.field("order"), amount);
        return reply.field("order");
    }

    public Moment expected(String order) {
        Reply reply = this.centre.get("/orders/" + order);
        if (!reply.isFine()) {
            throw Fault.of("CSH-01", "No cash order " + order);
        }
        return Day.parse(reply.field("day")).atStart().plusHours(7);
    }

    public void reduce(String order, Money less) {
        Money left = this.amounts.lookup(order).minus(less);
        this.centre.put("/orders/" + order, Form.of("cents", left.getCents()));
        this.amounts.bind(order, left);
    }

    public boolean giveUp(String order) {
        Guard.notBlank(order, "order");
        this.amounts.unbind(order);
        return this.centre.drop("/orders/" + order).status() < 400;
    }

    public String courier(String order) {
        return this.centre.get("/orders/" + order + "/van").header("X-Courier");
    }

    public String notice() {
        try {
            return this.centre.get("/notice").text();
        } catch (CallFault ex) {
            this.log.fail(ex, "Cash centre does not answer");
            return "";
        }
    }

    public boolean isVanDriving() {
        return !Instants.today().isWeekend();
    }

    public long cashUnderway() {
        return this.amounts.keys().total(o -> this.amounts.lookup(o).getCents());
    }

    /** Compare what was counted with what was ordered. */
    public void receive(String order, Money counted) {
        if (this.amounts.lookup(order).exceeds(counted)) {
            throw Fault.of("CSH-02", "Notes are missing in " + order);
        }
        this.amounts.unbind(order);
        Audit.note("cash.received", counted);
    }
}

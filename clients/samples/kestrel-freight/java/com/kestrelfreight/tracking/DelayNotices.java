package com.kestrelfreight.tracking;

import com.kestrelfreight.orders.Consignment;
import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Result;
import com.kestrelfreight.platform.Retry;
import org.cairn.collect.Seq;
import org.cairn.http.Answer;
import org.cairn.http.Caller;
import org.cairn.http.Form;
import org.cairn.http.Reply;
import org.cairn.http.Request;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.store.Store;
import org.cairn.store.Tx;
import org.cairn.time.Day;
import org.cairn.time.Instants;

/** Writes to customers whose goods are late. */
public final class DelayNotices {
    private final Caller mail;
    private final Log log = Logs.of(DelayNotices.class);
    private final Seq<String> sent = Seq.create();

    public DelayNotices(String address) {
        Check.text(address, "address");
        mail = Caller.to(address);
        log.info("Notices go to {}", address);
    }

    public Result<String> send(Consignment late, String customer) {
        final Form form = Form.of("to", customer).and("subject", "Delay of " + late.getCode());
        final Reply reply = Retry.times(3, () -> mail.post("/mails", form));
        if (!reply.isFine()) {
            return Result.failed("mail was refused");
        }
        sent.push(late.getCode());
        return Result.ok(late.getCode());
    }

    public boolean isSent(String code) {
        return sent.anyOf(s -> s.equals(code));
    }

    public int sendAll(Seq<Consignment> all, String customer) {
        final Seq<Consignment> late = all.keep(c -> c.isLate(Instants.today()));
        for (Consignment consignment : late) {
            send(consignment, customer);
        }
        log.info("{} notices were sent", late.count());
        return late.count();
    }

    public Answer list(Request request) {
        if (sent.isBare()) {
            return Answer.missing("no notices");
        }
        return Answer.of(sent.joined(","));
    }

    public void save(Store store) {
        try (Tx tx = store.open()) {
            for (String code : sent) {
                store.change("insert into notices values (?)", code);
            }
            tx.commit();
        }
    }

    public Day repeatOn(Day first) {
        return first.plusDays(3).nextWorkday();
    }
}

package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Result;
import org.cairn.collect.Seq;
import org.cairn.log.Log;
import org.cairn.log.Logs;
import org.cairn.log.Scope;

/** Who drives today. */
public final class ShiftBoard {
    private final Seq<DriverHours> drivers = Seq.create();
    private final Log log = Logs.of(ShiftBoard.class);

    public void add(DriverHours hours) {
        Check.that(hours != null, "driver is missing");
        drivers.push(hours);
    }

    public Result<String> pick(long hours) {
        final Seq<DriverHours> free = drivers.keep(d -> d.mayDrive(hours));
        if (free.isBare()) {
            return Result.failed("nobody may drive");
        }
        return Result.ok(free.at(0).getDriver());
    }

    public void endAll() {
        try (Scope scope = log.begin("end of day")) {
            for (DriverHours driver : drivers.keep(d -> d.isOver())) {
                driver.endShift();
            }
            scope.mark("ended");
        }
    }

    public String names() {
        return drivers.convert(d -> d.getDriver()).sortBy(n -> n).joined(", ");
    }
}

package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** How long drivers may still drive. */
public final class DriverHours {
    private static final int DAILY_HOURS = 9;

    private final String driver;
    private Moment shiftStart;
    private Moment restStart;

    public DriverHours(String driver) {
        Check.text(driver, "driver");
        this.driver = driver;
        restStart = Instants.now().minusHours(11);
    }

    public String getDriver() {
        return driver;
    }

    public Result<Moment> startShift() {
        final Moment now = Instants.now();
        if (now.isBefore(restUntil())) {
            return Result.failed("rest is too short");
        }
        shiftStart = now;
        Events.raise("shift.started", driver);
        return Result.ok(shiftEnd());
    }

    public void endShift() {
        Check.that(shiftStart != null, "no shift is running");
        restStart = Instants.now();
        shiftStart = null;
        Events.raise("shift.ended", driver);
    }

    public Moment restUntil() {
        return restStart.plusHours(11);
    }

    public Moment shiftEnd() {
        return shiftStart.plusHours(DAILY_HOURS);
    }

    public boolean isOver() {
        return shiftStart != null && Instants.now().isAfter(shiftEnd());
    }

    public long hoursDriven() {
        if (shiftStart == null) {
            return 0;
        }
        return shiftStart.until(Instants.now()).hours();
    }

    public long hoursRested() {
        Check.that(shiftStart == null, "a shift is running");
        return restStart.until(Instants.now()).hours();
    }

    public boolean mayDrive(long hours) {
        return shiftStart != null && hoursDriven() + hours <= DAILY_HOURS;
    }

    public boolean isWeeklyRest(Moment last) {
        return last.until(Instants.now()).days() >= 6;
    }

    public Day nextFreeDay() {
        Day day = Instants.today().plusDays(1);
        while (!day.isWeekend()) {
            day = day.plusDays(1);
        }
        return day;
    }

    public String report() {
        return driver + " rests until " + restUntil().format("dd.MM. HH:mm");
    }

    public Moment licenceWarning(Day expiry) {
        return expiry.minusDays(60).atStart();
    }
}

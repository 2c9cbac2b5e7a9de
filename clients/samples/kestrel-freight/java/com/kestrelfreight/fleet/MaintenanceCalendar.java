package com.kestrelfreight.fleet;

import com.kestrelfreight.platform.Check;
import com.kestrelfreight.platform.Events;
import com.kestrelfreight.platform.Result;
import org.cairn.store.Rows;
import org.cairn.store.Store;
import org.cairn.time.Day;
import org.cairn.time.Instants;
import org.cairn.time.Moment;

/** When trucks have to be looked at. */
public final class MaintenanceCalendar {
    private final String plate;
    private Day lastService;
    private final Store store;

    public MaintenanceCalendar(String plate, Store store) {
        this.plate = plate;
        this.store = store;
    }

    public Day nextService() {
        final Day due = lastService.plusMonths(6);
        return due.isWeekend() ? due.nextWorkday() : due;
    }

    public boolean isDue() {
        return !Instants.today().isBefore(nextService());
    }

    public long daysLeft() {
        return Instants.today().until(nextService()).days();
    }

    public void serviced(Day day) {
        Check.that(!day.isAfter(Instants.today()), "day is in the future");
        lastService = day;
        store.change("update trucks set serviced = ? where plate = ?", day.format("yyyy-MM-dd"), plate);
        Events.raise("truck.serviced", plate);
    }

    public Result<Day> book(Day wanted) {
        if (wanted.isWeekend()) {
            return Result.failed("garage is closed");
        }
        if (wanted.isAfter(nextService().monthEnd())) {
            return Result.failed("too late");
        }
        return Result.ok(wanted);
    }

    public Day inspection(Day registered) {
        final Day inspection = registered.plusMonths(24).monthEnd();
        Events.raise("truck.inspection", inspection.format("MM/yyyy"));
        return inspection;
    }

    public Moment reminder() {
        return nextService().minusDays(14).atStart();
    }

    public boolean isReminderDue() {
        return Instants.now().isAfter(reminder());
    }

    public boolean isWinterTyreTime(Day from, Day to) {
        final Day today = Instants.today();
        return today.isAfter(from) && today.isBefore(to);
    }

    public void load() {
        final Rows rows = store.query("select serviced from trucks where plate = ?", plate);
        while (rows.next()) {
            lastService = Day.parse(rows.string("serviced"));
        }
    }

    public String plan() {
        return plate + ": week " + nextService().weekOfYear();
    }
}

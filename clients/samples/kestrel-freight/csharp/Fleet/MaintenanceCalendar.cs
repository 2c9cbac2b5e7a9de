using Cairn.Chronology;
using Cairn.Data;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>When trucks have to be looked at.</summary>
    public sealed class MaintenanceCalendar
    {
        private readonly string plate;
        private CalendarDate lastService;
        private readonly IDataStore store;

        public MaintenanceCalendar(string plate, IDataStore store)
        {
            this.plate = plate;
            this.store = store;
        }

        public CalendarDate NextService()
        {
            var due = lastService.AddMonths(6);
            return due.IsWeekend ? due.FollowingBusinessDay() : due;
        }

        public bool IsDue => !(Clock.Today < NextService());

        public long DaysLeft()
        {
            return NextService().Since(Clock.Today).TotalDays;
        }

        public void Serviced(CalendarDate day)
        {
            Ensure.True(!(day > Clock.Today), "day is in the future");
            lastService = day;
            store.Execute("update trucks set serviced = ? where plate = ?", day.ToText("yyyy-MM-dd"), plate);
            EventBus.Publish("truck.serviced", plate);
        }

        public Outcome<CalendarDate> Book(CalendarDate wanted)
        {
            if (wanted.IsWeekend)
            {
                return Outcome.Failure("garage is closed");
            }
            if (wanted > NextService().LastOfMonth)
            {
                return Outcome.Failure("too late");
            }
            return Outcome.Success(wanted);
        }

        public CalendarDate Inspection(CalendarDate registered)
        {
            var inspection = registered.AddMonths(24).LastOfMonth;
            EventBus.Publish("truck.inspection", inspection.ToText("MM/yyyy"));
            return inspection;
        }

        public Timestamp Reminder()
        {
            return NextService().AddDays(-14).ToTimestamp();
        }

        public bool IsReminderDue => Clock.UtcNow > Reminder();

        public bool IsWinterTyreTime(CalendarDate from, CalendarDate to)
        {
            var today = Clock.Today;
            return today > from && today < to;
        }

        public void Load()
        {
            var rows = store.RunQuery("select serviced from trucks where plate = ?", plate);
            while (rows.MoveNext())
            {
                lastService = CalendarDate.FromText(rows.GetText("serviced"));
            }
        }

        public string Plan()
        {
            return plate + ": week " + NextService().WeekNumber;
        }
    }
}

using Cairn.Chronology;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>How long drivers may still drive.</summary>
    public sealed class DriverHours
    {
        private const int DailyHours = 9;

        private readonly string driver;
        private Timestamp shiftStart;
        private Timestamp restStart;

        public DriverHours(string driver)
        {
            Ensure.NotEmpty(driver, "driver");
            this.driver = driver;
            restStart = Clock.UtcNow.AddHours(-11);
        }

        public string Driver => driver;

        public Outcome<Timestamp> StartShift()
        {
            var now = Clock.UtcNow;
            if (now < RestUntil())
            {
                return Outcome.Failure("rest is too short");
            }
            shiftStart = now;
            EventBus.Publish("shift.started", driver);
            return Outcome.Success(ShiftEnd());
        }

        public void EndShift()
        {
            Ensure.True(shiftStart != null, "no shift is running");
            restStart = Clock.UtcNow;
            shiftStart = null;
            EventBus.Publish("shift.ended", driver);
        }

        public Timestamp RestUntil()
        {
            return restStart.AddHours(11);
        }

        public Timestamp ShiftEnd()
        {
            return shiftStart.AddHours(DailyHours);
        }

        public bool IsOver => shiftStart != null && Clock.UtcNow > ShiftEnd();

        public long HoursDriven()
        {
            if (shiftStart == null)
            {
                return 0;
            }
            return Clock.UtcNow.Since(shiftStart).TotalHours;
        }

        public long HoursRested()
        {
            Ensure.True(shiftStart == null, "a shift is running");
            return Clock.UtcNow.Since(restStart).TotalHours;
        }

        public bool MayDrive(long hours)
        {
            return shiftStart != null && HoursDriven() + hours <= DailyHours;
        }

        public bool IsWeeklyRest(Timestamp last)
        {
            return Clock.UtcNow.Since(last).TotalDays >= 6;
        }

        public CalendarDate NextFreeDay()
        {
            CalendarDate day = Clock.Today.AddDays(1);
            while (!day.IsWeekend)
            {
                day = day.AddDays(1);
            }
            return day;
        }

        public string Report()
        {
            return driver + " rests until " + RestUntil().ToText("dd.MM. HH:mm");
        }

        public Timestamp LicenceWarning(CalendarDate expiry)
        {
            return expiry.AddDays(-60).ToTimestamp();
        }
    }
}

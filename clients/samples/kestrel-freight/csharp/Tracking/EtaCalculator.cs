using Cairn.Chronology;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Guesses when a truck arrives.</summary>
    public sealed class EtaCalculator
    {
        private const int KmPerHour = 65;

        private readonly Timestamp start;
        private long delayHours;

        public EtaCalculator(Timestamp start)
        {
            this.start = start;
        }

        public void AddDelay(long hours)
        {
            Ensure.True(hours >= 0, "a delay is not negative");
            delayHours = delayHours + hours;
            EventBus.Publish("eta.delayed", hours);
        }

        public Timestamp Arrival(long km)
        {
            return start.AddHours(km / KmPerHour + delayHours);
        }

        public CalendarDate ArrivalDay(long km)
        {
            var day = Arrival(km).Date;
            return day.IsWeekend ? day.FollowingBusinessDay() : day;
        }

        public long HoursLeft(long km)
        {
            return Arrival(km).Since(Clock.UtcNow).TotalHours;
        }

        public bool IsOverdue(long km)
        {
            return Clock.UtcNow > Arrival(km);
        }

        public bool Makes(long km, Timestamp deadline)
        {
            return Arrival(km) < deadline;
        }

        public Outcome<Timestamp> Slot(long km, Timestamp from, Timestamp to)
        {
            var arrival = Arrival(km);
            if (arrival < from)
            {
                return Outcome.Success(from);
            }
            if (arrival > to)
            {
                return Outcome.Failure("slot is missed");
            }
            return Outcome.Success(arrival);
        }

        /// <summary>Return how many hours are to spare.</summary>
        public long Slack(Timestamp deadline, long km)
        {
            return deadline.Since(Arrival(km)).TotalHours;
        }

        public Timestamp LatestStart(Timestamp deadline, long km)
        {
            return deadline.AddHours(-km / KmPerHour);
        }

        public long DaysUnderway()
        {
            return Clock.UtcNow.Since(start).TotalDays;
        }

        public string Board(long km)
        {
            return Arrival(km).ToText("HH:mm") + " week " + ArrivalDay(km).WeekNumber;
        }

        public bool IsToday(long km)
        {
            var tomorrow = Clock.Today.AddDays(1);
            return Arrival(km) < tomorrow.ToTimestamp();
        }
    }
}

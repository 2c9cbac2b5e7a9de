using Cairn.Chronology;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>When goods arrive that are ordered now.</summary>
    public sealed class DeliveryPromise
    {
        private const int ClosingHour = 17;

        private readonly long leadDays;
        private readonly CalendarDate holiday;

        public DeliveryPromise(long leadDays, CalendarDate holiday)
        {
            this.leadDays = leadDays;
            this.holiday = holiday;
        }

        public Timestamp Closing(CalendarDate day)
        {
            return day.ToTimestamp().AddHours(ClosingHour);
        }

        /// <summary>Goods that are ordered after closing leave one day later.</summary>
        public CalendarDate Departure(Timestamp ordered)
        {
            var day = ordered.Date;
            if (ordered > Closing(day))
            {
                return day.FollowingBusinessDay();
            }
            return day;
        }

        public CalendarDate Arrival(Timestamp ordered)
        {
            var arrival = Departure(ordered).AddDays(leadDays);
            return arrival.IsWeekend ? arrival.FollowingBusinessDay() : arrival;
        }

        public Outcome<CalendarDate> Promise(Timestamp ordered, CalendarDate wanted)
        {
            if (wanted < Arrival(ordered))
            {
                return Outcome.Failure("cannot be there that soon");
            }
            EventBus.Publish("promise.made", wanted.ToText("yyyy-MM-dd"));
            return Outcome.Success(wanted);
        }

        public bool IsBroken(Timestamp ordered, Timestamp delivered)
        {
            return delivered.Date > Arrival(ordered);
        }

        public long DaysLate(Timestamp ordered, Timestamp delivered)
        {
            if (!IsBroken(ordered, delivered))
            {
                return 0;
            }
            return delivered.Date.Since(Arrival(ordered)).TotalDays;
        }

        public bool IsHoliday(CalendarDate day)
        {
            return !(day < holiday) && !(day > holiday.AddDays(1));
        }

        public string Text(Timestamp ordered)
        {
            return "arrives on " + Arrival(ordered).ToText("dd.MM.yyyy");
        }

        public int Week(Timestamp ordered)
        {
            return Arrival(ordered).WeekNumber;
        }

        public CalendarDate LastOrderDay(CalendarDate wanted)
        {
            Ensure.True(!wanted.IsWeekend, "no delivery on weekends");
            return wanted.AddDays(-leadDays);
        }

        public bool IsThisMonth(Timestamp ordered)
        {
            return Arrival(ordered) < Clock.Today.LastOfMonth;
        }

        public Timestamp RefundUntil(Timestamp delivered)
        {
            return delivered.AddMonths(2).AddHours(-1);
        }
    }
}

using Cairn.Chronology;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>Goods that travel together from one place to another.</summary>
    public sealed class Consignment
    {
        private readonly string code;
        private readonly Weight weight;
        private readonly CalendarDate pickup;
        private readonly Priority priority;
        private Timestamp delivered;

        public Consignment(string code, Weight weight, CalendarDate pickup, Priority priority)
        {
            Ensure.NotEmpty(code, "code");
            Ensure.True(weight != null, "weight is missing");
            this.code = code;
            this.weight = weight;
            this.pickup = pickup;
            this.priority = priority;
        }

        public string Code => code;

        public Weight Weight => weight;

        public CalendarDate Pickup => pickup;

        public bool IsDelivered => delivered != null;

        public bool IsUrgent => priority == Priority.SameDay || priority == Priority.NextDay;

        /// <summary>Urgent goods arrive on the next day on which people work.</summary>
        public CalendarDate DueDay()
        {
            if (IsUrgent)
            {
                return pickup.FollowingBusinessDay();
            }
            return pickup.AddDays(5);
        }

        public bool IsLate(CalendarDate today)
        {
            return !IsDelivered && today > DueDay();
        }

        public void Deliver(Timestamp moment)
        {
            Ensure.True(!IsDelivered, "delivered already");
            delivered = moment;
            EventBus.Publish("consignment.delivered", code);
        }

        public long TravelDays()
        {
            Ensure.True(IsDelivered, "still on the way");
            return delivered.Date.Since(pickup).TotalDays;
        }

        public Outcome<CalendarDate> MoveTo(CalendarDate day)
        {
            if (day < pickup)
            {
                return Outcome.Failure("too early");
            }
            if (day.IsWeekend)
            {
                return Outcome.Failure("closed on weekends");
            }
            return Outcome.Success(day.AddDays(1));
        }

        public bool Fits(Weight limit)
        {
            return !weight.Exceeds(limit);
        }

        public string Label()
        {
            return code + " " + pickup.ToText("dd.MM.yyyy") + " " + weight;
        }
    }
}

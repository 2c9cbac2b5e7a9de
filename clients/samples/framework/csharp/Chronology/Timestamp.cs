using System;
using System.Globalization;

namespace Cairn.Chronology
{
    /// <summary>A point in time, in UTC.</summary>
    public sealed class Timestamp
    {
        private readonly DateTime _time;

        internal Timestamp(DateTime time)
        {
            _time = time;
        }

        public CalendarDate Date
        {
            get { return new CalendarDate(_time.Date); }
        }

        public static bool operator <(Timestamp left, Timestamp right)
        {
            return left._time < right._time;
        }

        public static bool operator >(Timestamp left, Timestamp right)
        {
            return left._time > right._time;
        }

        public Timestamp AddDays(long days)
        {
            return new Timestamp(_time.AddDays(days));
        }

        public Timestamp AddHours(long hours)
        {
            return new Timestamp(_time.AddHours(hours));
        }

        public Timestamp AddMonths(int months)
        {
            return new Timestamp(_time.AddMonths(months));
        }

        /// <summary>Return how long it took from the earlier moment to here.</summary>
        public Interval Since(Timestamp earlier)
        {
            return new Interval(_time - earlier._time);
        }

        public string ToText(string pattern)
        {
            return _time.ToString(pattern, CultureInfo.InvariantCulture);
        }
    }
}

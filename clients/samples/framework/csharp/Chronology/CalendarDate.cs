using System;
using System.Globalization;

namespace Cairn.Chronology
{
    /// <summary>A day of the calendar.</summary>
    public sealed class CalendarDate
    {
        private readonly DateTime _date;

        internal CalendarDate(DateTime date)
        {
            _date = date;
        }

        public bool IsWeekend
        {
            get { return _date.DayOfWeek == DayOfWeek.Saturday || _date.DayOfWeek == DayOfWeek.Sunday; }
        }

        public CalendarDate LastOfMonth
        {
            get { return new CalendarDate(new DateTime(_date.Year, _date.Month, 1).AddMonths(1).AddDays(-1)); }
        }

        /// <summary>The number of the week, as ISO 8601 counts: by the Thursday of the week.</summary>
        public int WeekNumber
        {
            get
            {
                int fromMonday = ((int)_date.DayOfWeek + 6) % 7;
                return (_date.AddDays(3 - fromMonday).DayOfYear - 1) / 7 + 1;
            }
        }

        /// <summary>Read a day that is written as year-month-day.</summary>
        public static CalendarDate FromText(string text)
        {
            return new CalendarDate(DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        public static bool operator <(CalendarDate left, CalendarDate right)
        {
            return left._date < right._date;
        }

        public static bool operator >(CalendarDate left, CalendarDate right)
        {
            return left._date > right._date;
        }

        public CalendarDate AddDays(long days)
        {
            return new CalendarDate(_date.AddDays(days));
        }

        public CalendarDate AddMonths(int months)
        {
            return new CalendarDate(_date.AddMonths(months));
        }

        /// <summary>Return how long it took from the earlier day to this one.</summary>
        public Interval Since(CalendarDate earlier)
        {
            return new Interval(_date - earlier._date);
        }

        /// <summary>Return the first day after this one on which people work.</summary>
        public CalendarDate FollowingBusinessDay()
        {
            CalendarDate next = AddDays(1);
            while (next.IsWeekend)
            {
                next = next.AddDays(1);
            }
            return next;
        }

        public Timestamp ToTimestamp()
        {
            return new Timestamp(_date);
        }

        public string ToText(string pattern)
        {
            return _date.ToString(pattern, CultureInfo.InvariantCulture);
        }
    }
}

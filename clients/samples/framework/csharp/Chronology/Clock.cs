using System;

namespace Cairn.Chronology
{
    /// <summary>Tells what time it is, in UTC.</summary>
    public static class Clock
    {
        public static Timestamp UtcNow
        {
            get { return new Timestamp(DateTime.UtcNow); }
        }

        public static CalendarDate Today
        {
            get { return UtcNow.Date; }
        }
    }
}

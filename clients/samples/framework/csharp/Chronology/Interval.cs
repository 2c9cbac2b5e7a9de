using System;

namespace Cairn.Chronology
{
    /// <summary>How long something takes.</summary>
    public sealed class Interval
    {
        private readonly TimeSpan _duration;

        internal Interval(TimeSpan duration)
        {
            _duration = duration;
        }

        public long TotalHours
        {
            get { return (long)_duration.TotalHours; }
        }

        public long TotalDays
        {
            get { return (long)_duration.TotalDays; }
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Halden.Platform;
using Halden.Samples;

namespace Halden.Results
{
    /// <summary>How long doctors have waited for results.</summary>
    public sealed class TurnaroundReport
    {
        private readonly KeyedMap<string, Timestamp> _started = new KeyedMap<string, Timestamp>();
        private readonly ItemList<long> _hours = new ItemList<long>();
        private readonly ILogger _log = LoggerFactory.For<TurnaroundReport>();

        public void Start(Specimen specimen)
        {
            _started[specimen.Barcode] = Clock.UtcNow;
            Provenance.Note("clock started", specimen.Barcode);
        }

        public void Stop(string barcode)
        {
            if (!_started.HasKey(barcode))
            {
                throw new LabException("clock was not started");
            }
            _hours.Append(Clock.UtcNow.Since(_started.Find(barcode)).TotalHours);
            _started.Delete(barcode);
        }

        public long Average()
        {
            if (_hours.IsEmpty)
            {
                return 0;
            }
            return _hours.SumOf(h => h) / _hours.Size;
        }

        public Optional<long> Longest()
        {
            if (_hours.IsEmpty)
            {
                return Optional.None;
            }
            return Optional.Of(_hours.OrderedBy(h => -h)[0]);
        }

        public ItemList<string> Overdue(long limit)
        {
            Timestamp latest = Clock.UtcNow.AddHours(-limit);
            return _started.Keys.Filter(b => _started.Find(b) < latest);
        }

        public bool IsAnyOlderThan(CalendarDate day)
        {
            return _started.Keys.Exists(b => _started.Find(b).Date < day);
        }

        public string Title(CalendarDate day)
        {
            return "Week " + day.WeekNumber + " until " + day.LastOfMonth.ToText("dd.MM.yyyy");
        }

        public void Warn(long limit)
        {
            foreach (string barcode in Overdue(limit))
            {
                _log.LogWarning("{0} is overdue", barcode);
                Provenance.Note("result overdue", barcode);
            }
        }

        public Timestamp Deadline(string barcode)
        {
            return _started.FindOr(barcode, Clock.UtcNow).AddHours(24);
        }
    }
}

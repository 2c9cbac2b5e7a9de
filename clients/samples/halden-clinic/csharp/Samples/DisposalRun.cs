using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>Throws away what nobody needs any more.</summary>
    public sealed class DisposalRun
    {
        private readonly SpecimenStore _specimens;
        private readonly ItemList<Specimen> _marked = new ItemList<Specimen>();
        private readonly ILogger _log = LoggerFactory.For<DisposalRun>();
        private CalendarDate _day = Clock.Today;

        public DisposalRun(SpecimenStore specimens)
        {
            _specimens = specimens;
        }

        public void Mark(Specimen specimen)
        {
            ConsentPolicy.Demand(specimen.Patient, "disposal");
            _marked.Append(specimen);
            _log.LogVerbose("{0} is marked", specimen.Label());
        }

        public int Run()
        {
            foreach (Specimen specimen in _marked.Filter(s => !s.IsEmergency))
            {
                _specimens.Discard(specimen.Barcode);
            }
            _log.LogInfo("Disposed of {0} specimens", _marked.Size);
            return _marked.Size;
        }

        public Optional<Specimen> First()
        {
            if (_marked.IsEmpty)
            {
                return Optional.None;
            }
            return Optional.Of(_marked[0]);
        }

        public void Postpone(long days)
        {
            CalendarDate later = _day.AddDays(days);
            _day = later.IsWeekend ? later.FollowingBusinessDay() : later;
            Provenance.Note("disposal postponed", _day.ToText("yyyy-MM-dd"));
        }

        public bool IsDue
        {
            get { return !(Clock.Today < _day); }
        }

        public string Barcodes()
        {
            return _marked.Project(s => s.Barcode).JoinWith(" ");
        }

        public bool Holds(string patient)
        {
            return _marked.Exists(s => s.Patient == patient);
        }
    }
}

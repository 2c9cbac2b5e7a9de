using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Patients
{
    /// <summary>Who gives blood, and when again.</summary>
    public sealed class DonorRoll
    {
        private readonly KeyedMap<string, CalendarDate> _last = new KeyedMap<string, CalendarDate>();
        private readonly KeyedMap<string, Timestamp> _deferred = new KeyedMap<string, Timestamp>();
        private readonly ILogger _log = LoggerFactory.For<DonorRoll>();
        private readonly IDataStore _store;

        public DonorRoll(IDataStore store)
        {
            _store = store;
        }

        public void Donated(string donor, CalendarDate day)
        {
            ConsentPolicy.Demand(donor, "donation");
            _last[donor] = day;
            Provenance.Note("blood given in week " + day.WeekNumber, donor);
        }

        /// <summary>A donor rests for eight weeks.</summary>
        public CalendarDate NextAllowed(string donor)
        {
            CalendarDate longAgo = Clock.Today.AddDays(-56);
            return _last.FindOr(donor, longAgo).AddDays(56);
        }

        public bool MayDonate(string donor)
        {
            return !_deferred.HasKey(donor) && !(NextAllowed(donor) > Clock.Today);
        }

        public void Defer(string donor, int months)
        {
            _deferred[donor] = Clock.UtcNow.AddMonths(months);
            _log.LogWarning("{0} must not give blood for {1} months", donor, months);
        }

        public long DaysDeferred(string donor)
        {
            if (!_deferred.HasKey(donor))
            {
                throw new LabException(donor + " may come at any time");
            }
            return _deferred.Find(donor).Since(Clock.UtcNow).TotalDays;
        }

        /// <summary>Let everybody come again who has waited long enough.</summary>
        public void Readmit()
        {
            Timestamp now = Clock.UtcNow;
            foreach (string donor in _deferred.Keys.Filter(d => _deferred.Find(d) < now))
            {
                _deferred.Delete(donor);
                Provenance.Note("donor readmitted", donor);
            }
        }

        public void Save()
        {
            foreach (string donor in _last.Keys)
            {
                string day = _last.Find(donor).ToText("yyyy-MM-dd");
                _store.Execute("update donors set last = ? where id = ?", day, donor);
            }
            _log.LogInfo("{0} donors were saved", _last.Size);
        }

        public bool IsOfGroup(string donor, string group)
        {
            IRow row = _store.QuerySingle("select blood from donors where id = ?", donor);
            return row != null && row.GetText("blood") == group;
        }

        public Optional<string> Volunteer(string group)
        {
            string found = _last.Keys.Filter(d => IsOfGroup(d, group)).HeadOr(null);
            if (found == null)
            {
                return Optional.None;
            }
            return Optional.Of(found);
        }
    }
}

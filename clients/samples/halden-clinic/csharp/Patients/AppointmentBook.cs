using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Patients
{
    /// <summary>When patients come to give blood.</summary>
    public sealed class AppointmentBook
    {
        private readonly KeyedMap<string, Timestamp> _appointments = new KeyedMap<string, Timestamp>();
        private readonly ILogger _log = LoggerFactory.For<AppointmentBook>();
        private readonly IDataStore _store;

        public AppointmentBook(IDataStore store)
        {
            _store = store;
        }

        public void Book(string patient, Timestamp moment)
        {
            ConsentPolicy.Demand(patient, "appointments");
            if (moment < Clock.UtcNow)
            {
                throw new LabException("time has passed");
            }
            _appointments[patient] = moment;
            Provenance.Note("appointment booked", patient);
        }

        public Optional<Timestamp> Of(string patient)
        {
            if (!_appointments.HasKey(patient))
            {
                return Optional.None;
            }
            return Optional.Of(_appointments.Find(patient));
        }

        public void Cancel(string patient)
        {
            _appointments.Delete(patient);
            _store.Execute("delete from appointments where patient = ?", patient);
            _log.LogInfo("{0} does not come", patient);
        }

        public CalendarDate NextFree(CalendarDate wanted)
        {
            CalendarDate day = wanted.AddDays(1);
            if (day.IsWeekend)
            {
                return day.FollowingBusinessDay();
            }
            return day;
        }

        public bool IsToday(string patient)
        {
            CalendarDate tomorrow = Clock.Today.AddDays(1);
            return _appointments.HasKey(patient) && _appointments.Find(patient) < tomorrow.ToTimestamp();
        }

        public ItemList<string> Late()
        {
            Timestamp now = Clock.UtcNow;
            return _appointments.Keys.Filter(p => now > _appointments.Find(p).AddHours(1));
        }

        public long HoursUntil(string patient)
        {
            if (!_appointments.HasKey(patient))
            {
                throw new LabException("no appointment");
            }
            return _appointments.Find(patient).Since(Clock.UtcNow).TotalHours;
        }

        public string List()
        {
            return _appointments.Keys.Project(p => p + " " + _appointments.Find(p).ToText("HH:mm")).JoinWith("\n");
        }

        public Timestamp Reminder(string patient)
        {
            return _appointments.Find(patient).AddDays(-2);
        }

        public void Load()
        {
            IRowSet rows = _store.RunQuery("select patient, day from appointments");
            while (rows.MoveNext())
            {
                _appointments[rows.GetText("patient")] = CalendarDate.FromText(rows.GetText("day")).ToTimestamp();
            }
        }
    }
}

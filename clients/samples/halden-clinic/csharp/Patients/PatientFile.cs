using Cairn.Chronology;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Patients
{
    /// <summary>What is known of one patient.</summary>
    public sealed class PatientFile
    {
        private readonly IDataStore _store;
        private readonly string _patient;
        private readonly ILogger _log = LoggerFactory.For<PatientFile>();

        public PatientFile(IDataStore store, string patient)
        {
            _store = store;
            _patient = patient;
        }

        public string Patient
        {
            get { return _patient; }
        }

        public string Name()
        {
            ConsentPolicy.Demand(_patient, "reading");
            IRow row = _store.QuerySingle("select name from patients where id = ?", _patient);
            if (row == null)
            {
                throw new LabException("unknown patient " + _patient);
            }
            return row.GetText("name");
        }

        public Optional<string> BloodGroup()
        {
            IRow row = _store.QuerySingle("select blood from patients where id = ?", _patient);
            if (row == null || row.IsNull("blood"))
            {
                return Optional.None;
            }
            return Optional.Of(row.GetText("blood"));
        }

        public bool IsAllergicTo(string drug)
        {
            ConsentPolicy.Demand(_patient, "allergies");
            IRow row = _store.QuerySingle("select severe from allergies where patient = ? and drug = ?", _patient, drug);
            return row != null && row.GetBoolean("severe");
        }

        public void AddAllergy(string drug, bool severe)
        {
            ConsentPolicy.Demand(_patient, "allergies");
            _store.Execute("insert into allergies values (?, ?, ?)", _patient, drug, severe);
            Provenance.Note("allergy added", _patient);
        }

        public string ShownGroup()
        {
            return BloodGroup().ValueOr("not determined");
        }

        /// <summary>Return the age in whole years, give or take leap days.</summary>
        public long Age(CalendarDate today)
        {
            IRow row = _store.QuerySingle("select born from patients where id = ?", _patient);
            return today.Since(CalendarDate.FromText(row.GetText("born"))).TotalDays / 365;
        }

        /// <summary>Take everything of the patient out of the database.</summary>
        public void Erase()
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                _store.Execute("delete from allergies where patient = ?", _patient);
                _store.Execute("delete from patients where id = ?", _patient);
                tx.Complete();
            }
            _log.LogWarning("Patient {0} was erased", _patient);
        }

        public void Rename(string name)
        {
            int changed = _store.Execute("update patients set name = ? where id = ?", name, _patient);
            if (changed != 1)
            {
                throw new LabException("cannot rename " + _patient);
            }
            Provenance.Note("patient renamed", _patient);
        }

        public void PrintAllergies()
        {
            IRowSet rows = _store.RunQuery("select drug, severe from allergies where patient = ?", _patient);
            while (rows.MoveNext())
            {
                _log.LogInfo("{0} severe: {1}", rows.GetText("drug"), rows.GetBoolean("severe"));
            }
        }

        public void LogAccess(string reader)
        {
            IJournal journal = JournalFactory.Open("access-" + _patient);
            journal.WriteEntry(reader);
            journal.Close();
            _log.ForContext("reader", reader).LogInfo("File was read");
        }
    }
}

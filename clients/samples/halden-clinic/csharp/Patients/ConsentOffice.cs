using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Patients
{
    /// <summary>Keeps what patients have signed.</summary>
    public sealed class ConsentOffice
    {
        private readonly IDataStore _store;
        private readonly IJournal _journal = JournalFactory.Open("consent");
        private readonly ILogger _log = LoggerFactory.For<ConsentOffice>();
        private readonly MetricSink _meters = MetricSink.Default;

        public ConsentOffice(IDataStore store)
        {
            _store = store;
        }

        public void Sign(string patient, string purpose)
        {
            long form = _store.AllocateKey("forms");
            _store.Execute("insert into forms values (?, ?, ?)", form, patient, purpose);
            _journal.WriteEntry(patient + " signed " + purpose);
            Provenance.Note("consent signed", patient);
        }

        public void Withdraw(string patient, string purpose)
        {
            ConsentPolicy.Demand(patient, purpose);
            _store.Execute("delete from forms where patient = ? and purpose = ?", patient, purpose);
            _journal.WriteEntry(patient + " withdrew " + purpose);
            _meters.Increment("consent.withdrawn");
        }

        public Optional<long> FormOf(string patient, string purpose)
        {
            IRow row = _store.QuerySingle("select id from forms where patient = ? and purpose = ?", patient, purpose);
            if (row == null)
            {
                return Optional.None;
            }
            return Optional.Of(row.GetInt64("id"));
        }

        public bool HasSigned(string patient, string purpose)
        {
            return FormOf(patient, purpose).HasValue;
        }

        public void Demand(string patient, string purpose)
        {
            if (!HasSigned(patient, purpose))
            {
                _log.LogWarning("{0} has not signed {1}", patient, purpose);
                throw new LabException("consent is missing");
            }
        }

        public void CopyTo(string archive)
        {
            IJournal copy = JournalFactory.Open(archive);
            IRowSet rows = _store.RunQuery("select patient, purpose from forms");
            while (rows.MoveNext())
            {
                copy.WriteEntry(rows.GetText("patient") + " " + rows.GetText("purpose"));
            }
            copy.Close();
        }

        public bool TryCopy(string archive)
        {
            try
            {
                CopyTo(archive);
                return true;
            }
            catch (DataStoreException ex)
            {
                _log.LogError("Forms cannot be copied", ex);
                return false;
            }
        }

        public void Close()
        {
            _journal.Close();
            _log.LogInfo("Consent office is closed");
        }

        public void Count()
        {
            IRow row = _store.QuerySingle("select count(*) as n from forms");
            _meters.SetGauge("consent.forms", row.GetInt64("n"));
        }
    }
}

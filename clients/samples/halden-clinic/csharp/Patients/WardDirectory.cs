using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Patients
{
    /// <summary>Which patient lies where.</summary>
    public sealed class WardDirectory
    {
        private readonly IDataStore _store;
        private readonly ICache _cache;
        private readonly ILogger _log = LoggerFactory.For<WardDirectory>();
        private readonly MetricSink _meters;

        public WardDirectory(IDataStore store, ICache cache, MetricSink meters)
        {
            _store = store;
            _cache = cache;
            _meters = meters;
        }

        public void Admit(string patient, string ward)
        {
            ConsentPolicy.Demand(patient, "treatment");
            _store.Execute("insert into stays values (?, ?)", patient, ward);
            _cache.Write(patient, ward);
            _log.LogInfo("{0} lies in {1}", patient, ward);
        }

        public void Release(string patient)
        {
            _store.Execute("delete from stays where patient = ?", patient);
            _cache.Invalidate(patient);
            _meters.Increment("ward.released");
            Provenance.Note("patient released", patient);
        }

        public Optional<string> WardOf(string patient)
        {
            string ward = _cache.TryRead(patient);
            if (ward == null)
            {
                return Optional.None;
            }
            return Optional.Of(ward);
        }

        public string WardName(string patient)
        {
            return WardOf(patient).ValueOr("outpatient");
        }

        public void Transfer(string patient, string ward)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                if (_store.Execute("update stays set ward = ? where patient = ?", ward, patient) == 0)
                {
                    tx.Rollback();
                    throw new LabException("patient is not in the house");
                }
                tx.Complete();
            }
            _cache.Write(patient, ward);
        }

        public long Beds(string ward)
        {
            IRow row = _store.QuerySingle("select beds from wards where id = ?", ward);
            return row == null ? 0 : row.GetInt64("beds");
        }

        public bool IsClosed(string ward)
        {
            IRow row = _store.QuerySingle("select closed from wards where id = ?", ward);
            return row != null && row.GetBoolean("closed");
        }

        /// <summary>Read all stays again, as after a restart.</summary>
        public void Reload()
        {
            using (LogScope scope = _log.OpenScope("reload wards"))
            {
                IRowSet rows = _store.RunQuery("select patient, ward from stays");
                while (rows.MoveNext())
                {
                    _cache.Write(rows.GetText("patient"), rows.GetText("ward"));
                }
                _meters.Observe("ward.reload.ms", scope.ElapsedMs);
            }
        }

        public void Isolate(string patient)
        {
            _store.Execute("update stays set isolated = 1 where patient = ?", patient);
            _log.LogCritical("{0} is isolated", patient);
            Provenance.Note("patient isolated", patient);
        }

        public void Forget(string patient)
        {
            if (_cache.TryRead(patient) != null)
            {
                _cache.Invalidate(patient);
                _log.LogVerbose("Forgot {0}", patient);
            }
        }

        public ItemList<string> PatientsIn(string ward)
        {
            ItemList<string> patients = new ItemList<string>();
            IRowSet rows = _store.RunQuery("select patient from stays where ward = ?", ward);
            while (rows.MoveNext())
            {
                patients.Append(rows.GetText("patient"));
            }
            return patients;
        }
    }
}

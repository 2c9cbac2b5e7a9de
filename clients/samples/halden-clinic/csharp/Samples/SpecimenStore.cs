using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>Keeps every specimen in the database.</summary>
    public sealed class SpecimenStore
    {
        private readonly IDataStore _store;
        private readonly ILogger _log = LoggerFactory.For<SpecimenStore>();
        private readonly MetricSink _meters;

        public SpecimenStore(IDataStore store, MetricSink meters)
        {
            _store = store;
            _meters = meters;
        }

        public long Register(Specimen specimen)
        {
            ConsentPolicy.Demand(specimen.Patient, "storage");
            long id = _store.AllocateKey("specimens");
            _store.Execute("insert into specimens values (?, ?)", id, specimen.Barcode);
            _meters.Increment("specimens.registered");
            Provenance.Note("specimen registered", specimen.Barcode);
            return id;
        }

        public Optional<string> PlaceOf(string barcode)
        {
            IRow row = _store.QuerySingle("select place from specimens where barcode = ?", barcode);
            if (row == null || row.IsNull("place"))
            {
                return Optional.None;
            }
            return Optional.Of(row.GetText("place"));
        }

        public bool Exists(string barcode)
        {
            return _store.QuerySingle("select 1 from specimens where barcode = ?", barcode) != null;
        }

        public void Move(string barcode, string place)
        {
            int moved = _store.Execute("update specimens set place = ? where barcode = ?", place, barcode);
            if (moved == 0)
            {
                throw new LabException("no specimen " + barcode);
            }
            Provenance.Note("specimen moved", barcode);
        }

        public long CountOf(string patient)
        {
            ConsentPolicy.Demand(patient, "reading");
            IRow row = _store.QuerySingle("select count(*) as n from specimens where patient = ?", patient);
            return row.GetInt64("n");
        }

        /// <summary>Print where the specimens of one patient are.</summary>
        public void List(string patient)
        {
            IRowSet rows = _store.RunQuery("select barcode, place from specimens where patient = ?", patient);
            while (rows.MoveNext())
            {
                _log.LogInfo("{0} is at {1}", rows.GetText("barcode"), rows.GetText("place"));
            }
        }

        public bool IsFrozen(string barcode)
        {
            IRow row = _store.QuerySingle("select frozen from specimens where barcode = ?", barcode);
            return row != null && row.GetBoolean("frozen");
        }

        public void Discard(string barcode)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                _store.Execute("delete from aliquots where barcode = ?", barcode);
                _store.Execute("delete from specimens where barcode = ?", barcode);
                tx.Complete();
            }
            _log.LogWarning("Specimen {0} was discarded", barcode);
        }

        public bool Swap(string first, string second)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                int changed = _store.Execute("update specimens set barcode = ? where barcode = ?", second, first);
                if (changed != 1)
                {
                    tx.Rollback();
                    return false;
                }
                tx.Complete();
                return true;
            }
        }

        public void MeasureLoad()
        {
            IRow row = _store.QuerySingle("select count(*) as n from specimens");
            _meters.SetGauge("specimens.kept", row.GetInt64("n"));
            if (_log.IsVerbose)
            {
                _log.LogVerbose("{0} specimens are kept", row.GetInt64("n"));
            }
        }
    }
}

using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;
using Halden.Samples;

namespace Halden.Results
{
    /// <summary>Keeps what was measured.</summary>
    public sealed class ResultStore
    {
        private readonly IDataStore _store;
        private readonly ILogger _log = LoggerFactory.For<ResultStore>();
        private readonly MetricSink _meters = MetricSink.Default;

        public ResultStore(IDataStore store)
        {
            _store = store;
        }

        public void Save(Specimen specimen, string test, Quantity value)
        {
            ConsentPolicy.Demand(specimen.Patient, "diagnosis");
            long id = _store.AllocateKey("results");
            _store.Execute("insert into results values (?, ?, ?, ?)", id, specimen.Barcode, test, value.Amount);
            _meters.Increment("results.saved");
        }

        public Optional<Quantity> Find(string barcode, string test)
        {
            IRow row = _store.QuerySingle("select value, unit from results where barcode = ? and test = ?", barcode, test);
            if (row == null || row.IsNull("value"))
            {
                return Optional.None;
            }
            return Optional.Of(new Quantity(row.GetInt64("value"), row.GetText("unit")));
        }

        public bool IsReleased(string barcode)
        {
            IRow row = _store.QuerySingle("select released from results where barcode = ?", barcode);
            return row != null && row.GetBoolean("released");
        }

        public void Release(string barcode, string doctor)
        {
            if (IsReleased(barcode))
            {
                throw new LabException("released already");
            }
            _store.Execute("update results set released = 1, doctor = ? where barcode = ?", doctor, barcode);
            _log.ForContext("doctor", doctor).LogInfo("Released {0}", barcode);
            Provenance.Note("result released", barcode);
        }

        public void Print(string patient)
        {
            ConsentPolicy.Demand(patient, "printing");
            IRowSet rows = _store.RunQuery("select test, value from results where patient = ?", patient);
            while (rows.MoveNext())
            {
                _log.LogInfo("{0}: {1}", rows.GetText("test"), rows.GetInt64("value"));
            }
        }

        /// <summary>Results are never overwritten: the old one goes, the correction is kept apart.</summary>
        public void Correct(string barcode, string test, Quantity value)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                _store.Execute("delete from results where barcode = ? and test = ?", barcode, test);
                _store.Execute("insert into corrections values (?, ?, ?)", barcode, test, value.Amount);
                tx.Complete();
            }
            Provenance.Note("result corrected", barcode);
        }

        public bool TrySave(Specimen specimen, string test, Quantity value)
        {
            try
            {
                Save(specimen, test, value);
                return true;
            }
            catch (DataStoreException ex)
            {
                _log.LogError("Result is not saved", ex);
                return false;
            }
        }

        public long Open()
        {
            IRow row = _store.QuerySingle("select count(*) as n from results where released = 0");
            _meters.SetGauge("results.open", row.GetInt64("n"));
            return row.GetInt64("n");
        }

        public void Export(string file)
        {
            IJournal journal = JournalFactory.Open(file);
            IRowSet rows = _store.RunQuery("select barcode, test from results");
            while (rows.MoveNext())
            {
                journal.WriteEntry(rows.GetText("barcode") + ";" + rows.GetText("test"));
            }
            journal.Close();
        }

        public double ValueOr(string barcode, string test, double other)
        {
            Optional<Quantity> found = Find(barcode, test);
            return found.ValueOr(new Quantity(other, "")).Amount;
        }
    }
}

using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;
using Halden.Samples;

namespace Halden.Results
{
    /// <summary>Finds values that cannot wait.</summary>
    public sealed class CriticalValues
    {
        private readonly IDataStore _store;
        private readonly ILogger _log = LoggerFactory.For<CriticalValues>();
        private readonly MetricSink _meters;
        private readonly KeyedMap<string, Quantity> _limits = new KeyedMap<string, Quantity>();

        public CriticalValues(IDataStore store, MetricSink meters)
        {
            _store = store;
            _meters = meters;
        }

        public void Limit(string test, Quantity limit)
        {
            _limits[test] = limit;
            _log.LogInfo("{0} is critical above {1}", test, limit);
        }

        /// <summary>A test without a limit is never critical.</summary>
        public bool IsCritical(string test, Quantity value)
        {
            Quantity limit = _limits.Find(test);
            if (limit == null)
            {
                _log.LogVerbose("{0} has no limit", test);
                return false;
            }
            return value.IsGreaterThan(limit);
        }

        public void Report(Specimen specimen, string test, Quantity value)
        {
            if (IsCritical(test, value))
            {
                _log.LogCritical("{0} of {1} is {2}", test, specimen.Label(), value);
                _meters.Increment("critical.found");
                Provenance.Note("critical value", specimen.Barcode);
            }
        }

        public long Pending()
        {
            IRow row = _store.QuerySingle("select count(*) as n from calls where answered = 0");
            _meters.SetGauge("critical.pending", row.GetInt64("n"));
            return row.GetInt64("n");
        }

        public void Answered(string barcode, string doctor)
        {
            ILogger log = _log.ForContext("barcode", barcode);
            int changed = _store.Execute("update calls set answered = 1 where barcode = ?", barcode);
            if (changed == 0)
            {
                log.LogWarning("{0} answered a call that was not made", doctor);
            }
        }

        public void Call(string barcode, string ward)
        {
            long call = _store.AllocateKey("calls");
            _store.Execute("insert into calls values (?, ?, ?)", call, barcode, ward);
            _log.LogInfo("Call {0} goes to {1}", call, ward);
        }

        public bool WasCalled(string barcode)
        {
            return _store.QuerySingle("select id from calls where barcode = ?", barcode) != null;
        }

        public void Scan()
        {
            using (LogScope scope = _log.OpenScope("scan"))
            {
                IRowSet rows = _store.RunQuery("select barcode from results where critical = 1");
                while (rows.MoveNext())
                {
                    Call(rows.GetText("barcode"), "emergency");
                }
                scope.Checkpoint("called");
                _meters.Observe("critical.scan.ms", scope.ElapsedMs);
            }
        }

        public void Explain(string barcode)
        {
            if (_log.IsVerbose)
            {
                _log.LogVerbose("{0} was called: {1}", barcode, WasCalled(barcode));
            }
        }
    }
}

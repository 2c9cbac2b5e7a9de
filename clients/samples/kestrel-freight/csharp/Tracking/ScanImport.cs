using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Reads what the scanners in the depots have seen.</summary>
    public sealed class ScanImport
    {
        private readonly IDataStore store;
        private readonly MetricSink meters = MetricSink.Default;
        private readonly ILogger log = LoggerFactory.For<ScanImport>();
        private readonly KeyedMap<string, int> scans = new KeyedMap<string, int>();

        public ScanImport(IDataStore store)
        {
            this.store = store;
        }

        public void Scan(string code)
        {
            Ensure.NotEmpty(code, "code");
            scans[code] = scans.FindOr(code, 0) + 1;
            meters.Increment("scans.read");
        }

        public Outcome<int> ScansOf(string code)
        {
            if (!scans.HasKey(code))
            {
                return Outcome.Failure("never seen");
            }
            return Outcome.Success(scans.Find(code));
        }

        public void Save(string depot)
        {
            var depotLog = log.ForContext("depot", depot);
            using (ITransaction tx = store.BeginTransaction())
            {
                foreach (string code in scans.Keys)
                {
                    store.Execute("insert into scans values (?, ?)", depot, code);
                }
                tx.Complete();
            }
            depotLog.LogInfo("Saved {0} scans", scans.Size);
        }

        public bool TrySave(string depot)
        {
            try
            {
                Save(depot);
                return true;
            }
            catch (DataStoreException ex)
            {
                log.LogError("Scans are not saved", ex);
                return false;
            }
        }

        public long Total()
        {
            return scans.Keys.SumOf(c => scans.Find(c));
        }

        public ItemList<string> Doubles()
        {
            return scans.Keys.Filter(c => scans.Find(c) > 1);
        }

        public void ReportLoad(long millis)
        {
            meters.Observe("scans.ms", millis);
            if (Doubles().Size > 100)
            {
                log.LogWarning("{0} codes were scanned twice", Doubles().Size);
            }
        }

        public Outcome<Timestamp> LastScan(string code)
        {
            var row = store.QuerySingle("select day from scans where code = ?", code);
            if (row == null)
            {
                return Outcome.Failure("no scan of " + code);
            }
            return Outcome.Success(CalendarDate.FromText(row.GetText("day")).ToTimestamp());
        }
    }
}

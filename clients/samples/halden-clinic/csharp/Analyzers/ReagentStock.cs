using Cairn.Chronology;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Analyzers
{
    /// <summary>How much of every reagent is left.</summary>
    public sealed class ReagentStock
    {
        private readonly IDataStore _store;
        private readonly ICache _cache;
        private readonly ILogger _log = LoggerFactory.For<ReagentStock>();
        private readonly MetricSink _meters;

        public ReagentStock(IDataStore store, ICache cache, MetricSink meters)
        {
            _store = store;
            _cache = cache;
            _meters = meters;
        }

        public void Deliver(string reagent, long bottles)
        {
            _store.Execute("update reagents set bottles = bottles + ? where id = ?", bottles, reagent);
            _cache.Invalidate(reagent);
            _meters.Observe("reagents.delivered", bottles);
            _log.LogInfo("{0} bottles of {1} came in", bottles, reagent);
        }

        public long Left(string reagent)
        {
            IRow row = _store.QuerySingle("select bottles from reagents where id = ?", reagent);
            if (row == null)
            {
                throw new LabException("no reagent " + reagent);
            }
            return row.GetInt64("bottles");
        }

        public void Use(string reagent)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                if (Left(reagent) == 0)
                {
                    tx.Rollback();
                    throw new LabException(reagent + " is used up");
                }
                _store.Execute("update reagents set bottles = bottles - 1 where id = ?", reagent);
                tx.Complete();
            }
        }

        public void CheckAll()
        {
            IRowSet rows = _store.RunQuery("select id, bottles from reagents where bottles < 3");
            while (rows.MoveNext())
            {
                _log.LogWarning("{0} has {1} bottles left", rows.GetText("id"), rows.GetInt64("bottles"));
            }
        }

        public Optional<string> Supplier(string reagent)
        {
            string known = _cache.TryRead("supplier " + reagent);
            if (known == null)
            {
                return Optional.None;
            }
            return Optional.Of(known);
        }

        public void SetSupplier(string reagent, string supplier)
        {
            _cache.Write("supplier " + reagent, supplier);
            Provenance.Note("supplier changed", reagent);
        }

        public bool IsCooled(string reagent)
        {
            IRow row = _store.QuerySingle("select cooled from reagents where id = ?", reagent);
            return row != null && row.GetBoolean("cooled");
        }

        public long Order(string reagent, long bottles)
        {
            long order = _store.AllocateKey("orders");
            _store.Execute("insert into orders values (?, ?, ?)", order, reagent, bottles);
            Provenance.Note("reagent ordered", reagent);
            return order;
        }

        public bool IsExpired(CalendarDate expiry)
        {
            return expiry < Clock.Today;
        }

        public void Publish(string reagent)
        {
            _meters.SetGauge("reagents." + reagent, Left(reagent));
        }

        public void Recall(string lot)
        {
            _store.Execute("delete from reagents where lot = ?", lot);
            _log.LogCritical("Lot {0} is recalled", lot);
            _meters.Increment("reagents.recalled");
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>Keeps orders for ten years.</summary>
    public sealed class OrderArchive
    {
        private readonly IDataStore store;
        private readonly ILogger log = LoggerFactory.For<OrderArchive>();
        private readonly ICache cache;

        public OrderArchive(IDataStore store, ICache cache)
        {
            this.store = store;
            this.cache = cache;
        }

        public Outcome<long> Keep(Consignment consignment)
        {
            Ensure.True(consignment.IsDelivered, "still on the way");
            var id = store.AllocateKey("archive");
            store.Execute("insert into archive values (?, ?)", id, consignment.Code);
            log.LogInfo("Archived {0} as {1}", consignment.Code, id);
            return Outcome.Success(id);
        }

        public Outcome<string> Label(long id)
        {
            var row = store.QuerySingle("select label from archive where id = ?", id);
            if (row == null || row.IsNull("label"))
            {
                return Outcome.Failure("no label");
            }
            return Outcome.Success(row.GetText("label"));
        }

        public ItemList<string> Codes(CalendarDate day)
        {
            var codes = new ItemList<string>();
            var rows = store.RunQuery("select code from archive where day = ?", day.ToText("yyyy-MM-dd"));
            while (rows.MoveNext())
            {
                codes.Append(rows.GetText("code"));
            }
            return codes;
        }

        public int Purge(CalendarDate limit)
        {
            using (ITransaction tx = store.BeginTransaction())
            {
                var gone = store.Execute("delete from archive where day < ?", limit.ToText("yyyy-MM-dd"));
                tx.Complete();
                EventBus.Publish("archive.purged", gone);
                return gone;
            }
        }

        public string Cached(string code)
        {
            var known = cache.TryRead(code);
            if (known == null)
            {
                log.LogVerbose("{0} is not cached", code);
                return "";
            }
            return known;
        }

        public void Remember(Consignment consignment)
        {
            cache.Write(consignment.Code, consignment.Label());
            EventBus.Publish("archive.cached", consignment.Code);
        }

        public void Forget(string code)
        {
            Ensure.NotEmpty(code, "code");
            cache.Invalidate(code);
            log.LogInfo("Forgot {0}", code);
        }

        public bool IsPaid(long id)
        {
            var row = store.QuerySingle("select paid from archive where id = ?", id);
            return row != null && row.GetBoolean("paid");
        }

        public Outcome<Weight> LoadOf(long id)
        {
            var row = store.QuerySingle("select kg from archive where id = ?", id);
            if (row == null)
            {
                return Outcome.Failure("no order " + id);
            }
            return Outcome.Success(Weight.FromKilograms(row.GetInt64("kg")));
        }
    }
}

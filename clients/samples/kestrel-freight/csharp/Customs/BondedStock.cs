using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Orders;
using Kestrel.Platform;

namespace Kestrel.Customs
{
    /// <summary>Goods that stay with us until their duty is paid.</summary>
    public sealed class BondedStock
    {
        private readonly KeyedMap<string, Weight> goods = new KeyedMap<string, Weight>();
        private readonly ILogger log = LoggerFactory.For<BondedStock>();
        private readonly IDataStore store;
        private readonly Weight limit;

        public BondedStock(IDataStore store, Weight limit)
        {
            this.store = store;
            this.limit = limit;
        }

        public Weight Limit => limit;

        public void Restore()
        {
            var rows = store.RunQuery("select code, kg, freed from bonded");
            while (rows.MoveNext())
            {
                if (!rows.GetBoolean("freed"))
                {
                    goods[rows.GetText("code")] = Weight.FromKilograms(rows.GetInt64("kg"));
                }
            }
            log.LogInfo("{0} consignments stay in bond", goods.Size);
        }

        public void Bring(Consignment consignment)
        {
            Ensure.True(consignment.Fits(limit), "too heavy for the racks");
            var rack = store.AllocateKey("racks");
            goods[consignment.Code] = consignment.Weight;
            store.Execute("insert into bonded values (?, ?)", rack, consignment.Code);
        }

        public Outcome<string> Free(string code)
        {
            using (ITransaction tx = store.BeginTransaction())
            {
                if (store.Execute("update bonded set freed = 1 where code = ?", code) != 1)
                {
                    tx.Rollback();
                    return Outcome.Failure(code + " is not in bond");
                }
                tx.Complete();
            }
            goods.Delete(code);
            return Outcome.Success(code);
        }

        public Weight Load()
        {
            return Weight.FromKilograms(goods.Keys.SumOf(c => goods.Find(c).Kilograms));
        }

        public bool IsFull => Load().Exceeds(limit);

        public bool IsInspected(string code)
        {
            var row = store.QuerySingle("select seen from bonded where code = ?", code);
            if (row == null || row.IsNull("seen"))
            {
                log.LogWarning("Nobody was sent to {0}", code);
                return false;
            }
            return row.GetBoolean("seen");
        }

        public CalendarDate LastDay(string code)
        {
            var row = store.QuerySingle("select entered from bonded where code = ?", code);
            Ensure.True(row != null, "goods never came in");
            return CalendarDate.FromText(row.GetText("entered")).AddDays(45);
        }

        public ItemList<string> Overdue(CalendarDate today)
        {
            return goods.Keys.Filter(c => today > LastDay(c));
        }
    }
}

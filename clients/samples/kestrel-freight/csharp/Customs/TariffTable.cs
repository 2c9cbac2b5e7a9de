using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Customs
{
    /// <summary>What goods cost at the border.</summary>
    public sealed class TariffTable
    {
        private readonly KeyedMap<string, long> tariffs = new KeyedMap<string, long>();
        private readonly ILogger log = LoggerFactory.For<TariffTable>();
        private readonly IDataStore store;

        public TariffTable(IDataStore store)
        {
            this.store = store;
        }

        public void Load()
        {
            using (LogScope scope = log.OpenScope("tariffs"))
            {
                var rows = store.RunQuery("select code, cents from tariffs");
                while (rows.MoveNext())
                {
                    tariffs[rows.GetText("code")] = rows.GetInt64("cents");
                }
                scope.Checkpoint("loaded");
            }
        }

        public Outcome<long> Duty(string code, Weight weight)
        {
            Ensure.NotEmpty(code, "code");
            if (!tariffs.HasKey(code))
            {
                return Outcome.Failure("no tariff for " + code);
            }
            return Outcome.Success(tariffs.Find(code) * weight.Kilograms);
        }

        public long DutyOr(string code, long other)
        {
            if (log.IsVerbose)
            {
                log.LogVerbose("Asked for {0}", code);
            }
            return tariffs.FindOr(code, other);
        }

        public ItemList<string> DearerThan(long cents)
        {
            return tariffs.Keys.Filter(c => tariffs.Find(c) > cents).OrderedBy(c => c);
        }

        public KeyedMap<string, ItemList<string>> Chapters()
        {
            return tariffs.Keys.PartitionBy(c => c.Substring(0, 2));
        }

        public void Change(string code, long cents)
        {
            Ensure.True(cents >= 0, "a tariff is not negative");
            tariffs[code] = cents;
            store.Execute("update tariffs set cents = ? where code = ?", cents, code);
            EventBus.Publish("tariff.changed", code);
        }

        public bool HasFreeGoods()
        {
            return tariffs.Keys.Exists(c => tariffs.Find(c) == 0);
        }

        public void Export(CalendarDate day)
        {
            var journal = JournalFactory.Open("tariffs-" + day.ToText("yyyyMMdd"));
            foreach (string code in tariffs.Keys)
            {
                journal.WriteEntry(code + " " + tariffs.Find(code));
            }
            journal.Close();
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>Which customers still have our pallets.</summary>
    public sealed class PalletAccounts
    {
        private const int CentsPerPallet = 1250;

        private readonly KeyedMap<string, int> balances = new KeyedMap<string, int>();
        private readonly MetricSink meters = MetricSink.Default;
        private readonly ILogger log = LoggerFactory.For<PalletAccounts>();
        private readonly IJournal journal;

        public PalletAccounts(string depot)
        {
            Ensure.NotEmpty(depot, "depot");
            journal = JournalFactory.Open("pallets-" + depot);
        }

        public void Lend(string customer, int pallets)
        {
            Ensure.True(pallets > 0, "nothing to lend");
            balances[customer] = balances.FindOr(customer, 0) + pallets;
            journal.WriteEntry(customer + " has " + pallets + " more");
            meters.Observe("pallets.lent", pallets);
        }

        public Outcome<int> GiveBack(string customer, int pallets)
        {
            var open = balances.FindOr(customer, 0);
            if (pallets > open)
            {
                return Outcome.Failure("only " + open + " are open");
            }
            balances[customer] = open - pallets;
            return Outcome.Success(open - pallets);
        }

        public void WriteOff(string customer)
        {
            log.LogWarning("{0} pallets of {1} are lost", balances.Find(customer), customer);
            balances.Delete(customer);
            journal.WriteEntry(customer + " was written off");
        }

        public ItemList<string> Debtors()
        {
            return balances.Keys.Filter(c => balances.Find(c) > 0).OrderedBy(c => -balances.Find(c));
        }

        public long Deposit()
        {
            return Debtors().SumOf(c => balances.Find(c) * CentsPerPallet);
        }

        public string WorstDebtor()
        {
            return Debtors().HeadOr("nobody");
        }

        public void Remind(CalendarDate day)
        {
            foreach (string customer in Debtors())
            {
                log.LogInfo("{0} has time until {1}", customer, day.ToText("dd.MM."));
                EventBus.Publish("pallets.reminded", customer);
            }
        }

        public void CloseYear()
        {
            meters.SetGauge("pallets.debtors", Debtors().Size);
            journal.WriteEntry("open: " + Debtors().JoinWith(" "));
            journal.Close();
        }
    }
}

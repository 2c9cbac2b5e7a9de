using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Lending
{
    /// <summary>The loans of one branch.</summary>
    public sealed class LoanBook
    {
        private readonly ILogger _log = LoggerFactory.For<LoanBook>();
        private readonly KeyedMap<string, Money> _debts = new KeyedMap<string, Money>();
        private readonly KeyedMap<string, ItemList<string>> _guarantors = new KeyedMap<string, ItemList<string>>();
        private readonly MetricSink _meters = MetricSink.Default;

        public void Grant(string loan, Money amount)
        {
            Require.Text(loan, nameof(loan));
            Require.That(amount, nameof(amount));
            ItemList<string> nobody = new ItemList<string>();
            _debts[loan] = amount;
            _guarantors[loan] = nobody;
            _meters.Increment("loans.granted");
            AuditTrail.Write("loan.granted", loan);
        }

        public void AddGuarantor(string loan, string person)
        {
            Require.Text(person, nameof(person));
            if (!_guarantors.HasKey(loan))
            {
                throw new BankException("LOA-01", "Unknown loan " + loan);
            }
            _guarantors.Find(loan).Append(person);
            _log.LogInfo("{0} stands for {1}", person, loan);
        }

        public Money DebtOf(string loan)
        {
            Require.Text(loan, nameof(loan));
            return _debts.FindOr(loan, new Money(0, "EUR"));
        }

        public void Repay(string loan, Money amount)
        {
            Require.That(amount, nameof(amount));
            Money debt = DebtOf(loan);
            if (amount > debt)
            {
                throw new BankException("LOA-02", "More than was owed");
            }
            _debts[loan] = debt - amount;
            _meters.Observe("loans.repaid", amount.Cents);
        }

        public ItemList<string> Running()
        {
            return _debts.Keys.Filter(l => DebtOf(l).Cents > 0);
        }

        public long OutstandingCents()
        {
            return Running().SumOf(l => DebtOf(l).Cents);
        }

        public bool Guarantees(string person)
        {
            return _guarantors.Keys.Exists(l => _guarantors.Find(l).Exists(g => g == person));
        }

        public string FirstGuarantor(string loan)
        {
            ItemList<string> people = _guarantors.Find(loan);
            return people.IsEmpty ? "none" : people[0];
        }

        /// <summary>Take loans that are paid back off the book.</summary>
        public void Tidy()
        {
            using (LogScope scope = _log.OpenScope("tidy"))
            {
                foreach (string loan in _debts.Keys.Filter(l => DebtOf(l).Cents == 0))
                {
                    _debts.Delete(loan);
                    _guarantors.Delete(loan);
                }
                scope.Checkpoint("paid back");
            }
        }

        public KeyedMap<string, ItemList<string>> BySize()
        {
            return Running().PartitionBy(l => DebtOf(l).Cents > 1000000 ? "large" : "small");
        }

        /// <summary>Count for how many loans every person stands.</summary>
        public KeyedMap<string, int> Burdens()
        {
            KeyedMap<string, int> burdens = new KeyedMap<string, int>();
            foreach (string loan in _guarantors.Keys)
            {
                foreach (string person in _guarantors.Find(loan))
                {
                    burdens[person] = burdens.FindOr(person, 0) + 1;
                }
            }
            return burdens;
        }

        public void CheckExposure(Money ceiling)
        {
            Require.That(ceiling, nameof(ceiling));
            Money exposure = new Money(OutstandingCents(), ceiling.Currency);
            if (exposure > ceiling)
            {
                _log.LogCritical("Exposure of {0} is over {1}", exposure, ceiling);
            }
        }

        public string Largest()
        {
            return Running().OrderedBy(l => -DebtOf(l).Cents).HeadOr("none");
        }

        public int TermLeft(IDataStore store, string loan)
        {
            IRow row = store.QuerySingle("select months from loans where id = ?", loan);
            if (row == null)
            {
                _log.LogWarning("Loan {0} has no term", loan);
                return 0;
            }
            return (int) row.GetInt64("months");
        }
    }
}

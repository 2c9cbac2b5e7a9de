using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Pays the salaries of a company in one go.</summary>
    public sealed class BatchRun
    {
        private readonly ILogger _log = LoggerFactory.For<BatchRun>();
        private readonly IDataStore _store;
        private readonly ItemList<Payment> _payments = new ItemList<Payment>();

        public BatchRun(IDataStore store)
        {
            Require.That(store, nameof(store));
            _store = store;
        }

        public void Add(Payment payment)
        {
            Require.That(payment, nameof(payment));
            if (_payments.Exists(p => p.Number == payment.Number))
            {
                throw new BankException("BAT-01", "Payment is in twice");
            }
            _payments.Append(payment);
        }

        public Money Sum()
        {
            return new Money(_payments.SumOf(p => p.Amount.Cents), "EUR");
        }

        public void Save(string company)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                foreach (Payment payment in _payments)
                {
                    _store.Execute("insert into batch values (?, ?)", company, payment.Number);
                }
                tx.Complete();
            }
            _log.LogInfo("Saved {0} payments of {1}", _payments.Size, company);
        }

        public CalendarDate PayDay()
        {
            CalendarDate end = Clock.Today.LastOfMonth;
            return end.IsWeekend ? end.FollowingBusinessDay() : end;
        }

        public bool IsLate(Timestamp deadline)
        {
            Require.That(deadline, nameof(deadline));
            return Clock.UtcNow > deadline;
        }

        public void WriteJournal(string company)
        {
            IJournal journal = JournalFactory.Open("batch-" + company);
            foreach (Payment payment in _payments)
            {
                journal.WriteEntry(payment.ToString());
            }
            journal.Close();
            AuditTrail.Write("batch.journal", company);
        }

        public string Recipients()
        {
            return _payments.Project(p => p.Iban).JoinWith(", ");
        }
    }
}

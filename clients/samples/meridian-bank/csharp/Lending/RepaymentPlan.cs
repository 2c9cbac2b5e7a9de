using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Lending
{
    /// <summary>When a loan has to be paid back.</summary>
    public sealed class RepaymentPlan
    {
        private readonly ILogger _log = LoggerFactory.For<RepaymentPlan>();
        private readonly IDataStore _store;
        private readonly string _loan;
        private readonly CalendarDate _start;
        private readonly ItemList<CalendarDate> _dates = new ItemList<CalendarDate>();

        public RepaymentPlan(IDataStore store, string loan, CalendarDate start)
        {
            Require.That(store, nameof(store));
            Require.Text(loan, nameof(loan));
            Require.That(start, nameof(start));
            _store = store;
            _loan = loan;
            _start = start;
        }

        public void Build(int months)
        {
            Require.Positive(months, nameof(months));
            for (int i = 1; i <= months; i++)
            {
                CalendarDate due = _start.AddMonths(i).LastOfMonth;
                _dates.Append(due.IsWeekend ? due.FollowingBusinessDay() : due);
            }
        }

        public CalendarDate FirstDue()
        {
            return _dates.OrderedBy(d => d.ToText("yyyyMMdd")).HeadOr(_start);
        }

        public ItemList<CalendarDate> Overdue()
        {
            CalendarDate today = Clock.Today;
            return _dates.Filter(d => d < today);
        }

        public long DaysLate()
        {
            if (Overdue().IsEmpty)
            {
                return 0;
            }
            return Clock.Today.Since(Overdue()[0]).TotalDays;
        }

        public void Save()
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                foreach (CalendarDate due in _dates)
                {
                    _store.Execute("insert into plan values (?, ?)", _loan, due.ToText("yyyy-MM-dd"));
                }
                tx.Complete();
            }
            AuditTrail.Write("plan.saved", _loan);
        }

        public void Load()
        {
            IRowSet rows = _store.RunQuery("select due from plan where loan = ?", _loan);
            while (rows.MoveNext())
            {
                _dates.Append(CalendarDate.FromText(rows.GetText("due")));
            }
            _log.LogInfo("Loaded {0} dates", _dates.Size);
        }

        public Money Instalment(Money debt)
        {
            Require.That(debt, nameof(debt));
            if (_dates.IsEmpty)
            {
                throw new BankException("PLN-01", "Plan is empty");
            }
            return new Money(debt.Cents / _dates.Size, debt.Currency);
        }

        public void Postpone(CalendarDate day)
        {
            Require.That(day, nameof(day));
            if (day < Clock.Today)
            {
                throw new BankException("PLN-02", "Day has passed");
            }
            _dates.Append(day.FollowingBusinessDay());
            AuditTrail.Write("plan.postponed", _loan);
        }

        public Timestamp Reminder()
        {
            return FirstDue().ToTimestamp().AddDays(-7);
        }
    }
}

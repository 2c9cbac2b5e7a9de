using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>Books interest at the end of the month.</summary>
    public sealed class InterestRun
    {
        private readonly ILogger _log = LoggerFactory.For<InterestRun>();
        private readonly IDataStore _store;
        private readonly IJournal _journal;
        private Timestamp _started;

        public InterestRun(IDataStore store)
        {
            Require.That(store, nameof(store));
            _store = store;
            _journal = JournalFactory.Open("interest");
            _started = Clock.UtcNow;
        }

        public bool IsDue(CalendarDate day)
        {
            Require.That(day, nameof(day));
            return day > Clock.Today.LastOfMonth.AddDays(-1);
        }

        public long BookedCents(string iban)
        {
            Require.Text(iban, nameof(iban));
            IRow row = _store.QuerySingle("select cents from interest where iban = ?", iban);
            return row == null ? 0 : row.GetInt64("cents");
        }

        public void Book(string iban, Money interest)
        {
            Require.That(interest, nameof(interest));
            using (ITransaction tx = _store.BeginTransaction())
            {
                _store.Execute("insert into interest values (?, ?, ?)", _store.AllocateKey("interest"), iban, interest.Cents);
                tx.Complete();
            }
            AuditTrail.Write("interest.booked", iban);
        }

        public ItemList<string> Exempt()
        {
            ItemList<string> exempt = new ItemList<string>();
            IRowSet rows = _store.RunQuery("select iban, exempt from accounts");
            while (rows.MoveNext())
            {
                if (rows.GetBoolean("exempt"))
                {
                    exempt.Append(rows.GetText("iban"));
                }
            }
            return exempt;
        }

        public void Write(string iban, Money interest)
        {
            Require.Text(iban, nameof(iban));
            _journal.WriteEntry(Clock.Today.ToText("yyyy-MM-dd") + " " + iban + " " + interest);
        }

        public void Finish()
        {
            _journal.Close();
            Interval span = Clock.UtcNow.Since(_started);
            _log.LogInfo("Interest took {0} hours", span.TotalHours);
        }

        public long DaysSince(string iban)
        {
            IRow row = _store.QuerySingle("select booked from interest where iban = ?", iban);
            if (row == null || row.IsNull("booked"))
            {
                throw new BankException("INT-01", "Never booked: " + iban);
            }
            return Clock.Today.Since(CalendarDate.FromText(row.GetText("booked"))).TotalDays;
        }

        public void Cancel(string iban)
        {
            Require.Text(iban, nameof(iban));
            int changed = _store.Execute("delete from interest where iban = ?", iban);
            if (changed == 0)
            {
                throw new BankException("INT-02", "Nothing to cancel");
            }
            AuditTrail.Write("interest.cancelled", iban);
        }
    }
}

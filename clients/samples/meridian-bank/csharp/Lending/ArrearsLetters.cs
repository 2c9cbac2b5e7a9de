using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Lending
{
    /// <summary>Writes to customers who are behind with their loans.</summary>
    public sealed class ArrearsLetters
    {
        private readonly IDataStore _store;
        private readonly RestClient _printer;
        private readonly ItemList<string> _late = new ItemList<string>();
        private readonly ILogger _log = LoggerFactory.For<ArrearsLetters>();

        public ArrearsLetters(IDataStore store, string address)
        {
            Require.That(store, nameof(store));
            _store = store;
            _printer = RestClient.For(address);
        }

        /// <summary>Customers have two weeks before anybody writes.</summary>
        public CalendarDate GraceEnd(CalendarDate due)
        {
            Require.That(due, nameof(due));
            CalendarDate end = due.AddDays(14);
            return end.IsWeekend ? end.FollowingBusinessDay() : end;
        }

        public void Collect()
        {
            IRowSet rows = _store.RunQuery("select loan, due from instalments where paid = 0");
            while (rows.MoveNext())
            {
                CalendarDate due = CalendarDate.FromText(rows.GetText("due"));
                if (GraceEnd(due) < Clock.Today)
                {
                    _late.Append(rows.GetText("loan"));
                }
            }
        }

        public void Write(string loan)
        {
            int written = _store.Execute("update loans set letters = letters + 1 where id = ?", loan);
            if (written == 0)
            {
                throw new BankException("ARR-01", "Nobody to write to");
            }
            AuditTrail.Write("arrears.letter", loan);
        }

        public Money WithFee(Money debt, CalendarDate due)
        {
            long weeks = Clock.Today.Since(due).TotalDays / 7;
            return debt + new Money(weeks * 250, debt.Currency);
        }

        public void Print(string loan, string text)
        {
            RestResponse reply = _printer.Submit("/letters", FormBody.With("loan", loan).Add("text", text));
            if (!reply.IsSuccess)
            {
                _log.LogWarning("Printer said {0} to {1}", reply.StatusCode, loan);
            }
        }

        public string Worklist()
        {
            return _late.IsEmpty ? "nobody is late" : _late.OrderedBy(l => l).JoinWith("\n");
        }

        public bool MayCall(Timestamp last)
        {
            Require.That(last, nameof(last));
            return Clock.UtcNow.Since(last).TotalHours >= 48;
        }

        public bool IsTooEarly(Timestamp moment)
        {
            return moment < moment.Date.ToTimestamp().AddHours(9);
        }

        public bool IsCallingWeek
        {
            get { return Clock.Today.WeekNumber % 2 == 0; }
        }
    }
}

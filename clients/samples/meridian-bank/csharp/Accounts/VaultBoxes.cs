using Cairn.Chronology;
using Cairn.Data;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>Rents out the boxes in the vault.</summary>
    public sealed class VaultBoxes
    {
        private const long CentsADay = 35;

        private readonly IDataStore _store;
        private readonly IJournal _visits;
        private readonly ILogger _log = LoggerFactory.For<VaultBoxes>();

        public VaultBoxes(IDataStore store, string vault)
        {
            Require.That(store, nameof(store));
            Require.Text(vault, nameof(vault));
            _store = store;
            _visits = JournalFactory.Open("vault-" + vault);
        }

        public long Rent(string box, CalendarDate start)
        {
            Require.Text(box, nameof(box));
            long rental = _store.AllocateKey("rentals");
            _store.Execute("insert into rentals values (?, ?, ?)", rental, box, start.ToText("yyyy-MM-dd"));
            return rental;
        }

        public string Tenant(string box)
        {
            IRow row = _store.QuerySingle("select iban from rentals where box = ?", box);
            if (row == null || row.IsNull("iban"))
            {
                throw new BankException("VLT-01", "Box is not rented: " + box);
            }
            return row.GetText("iban");
        }

        public bool IsSealed(string box)
        {
            IRow row = _store.QuerySingle("select sealed from boxes where number = ?", box);
            return row == null || row.GetBoolean("sealed");
        }

        /// <summary>Every visit is written down before the door opens.</summary>
        public void Visit(string box, string person)
        {
            if (IsSealed(box))
            {
                AuditTrail.Reject("vault.visit", person);
                throw new BankException("VLT-02", "Box is sealed");
            }
            _visits.WriteEntry(Clock.UtcNow.ToText("HH:mm") + " " + box + " " + person);
        }

        public Money RentBetween(CalendarDate from, CalendarDate to)
        {
            Require.That(from, nameof(from));
            long days = to.Since(from).TotalDays;
            return new Money(days * CentsADay, "EUR");
        }

        public void HandOver(string box, string heir)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                int changed = _store.Execute("update rentals set iban = ? where box = ?", heir, box);
                if (changed != 1)
                {
                    tx.Rollback();
                    throw new BankException("VLT-03", "Box cannot change hands");
                }
                tx.Complete();
            }
        }

        public long OwedCents(string iban)
        {
            long owed = 0;
            IRowSet rows = _store.RunQuery("select cents from rents where iban = ? and paid = 0", iban);
            while (rows.MoveNext())
            {
                owed = owed + rows.GetInt64("cents");
            }
            return owed;
        }

        public bool GiveBack(string box)
        {
            try
            {
                return _store.Execute("delete from rentals where box = ?", box) == 1;
            }
            catch (DataStoreException ex)
            {
                _log.LogError("Box cannot be given back", ex);
                return false;
            }
        }

        public void LockUp()
        {
            _visits.WriteEntry("locked on " + Clock.Today.ToText("dd.MM.yyyy"));
            _visits.Close();
            _log.LogInfo("The vault is locked");
        }
    }
}

using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>All accounts of one branch.</summary>
    public sealed class AccountBook
    {
        private readonly ILogger _log = LoggerFactory.For<AccountBook>();
        private readonly KeyedMap<string, Account> _accounts = new KeyedMap<string, Account>();
        private readonly MetricSink _meters;

        public AccountBook(MetricSink meters)
        {
            Require.That(meters, nameof(meters));
            _meters = meters;
        }

        public void Open(Account account)
        {
            Require.That(account, nameof(account));
            if (_accounts.HasKey(account.Iban))
            {
                throw new BankException("ACC-01", "Account exists already");
            }
            _accounts[account.Iban] = account;
            _meters.Increment("accounts.opened");
            _log.LogInfo("Opened {0} for {1}", account.Iban, account.Owner);
        }

        public Account AccountOf(string iban)
        {
            Require.Text(iban, nameof(iban));
            Account account = _accounts.Find(iban);
            if (account == null)
            {
                throw new BankException("ACC-05", "No account " + iban);
            }
            return account;
        }

        public void Close(string iban)
        {
            Account account = AccountOf(iban);
            _accounts.Delete(account.Iban);
            _meters.Increment("accounts.closed");
            AuditTrail.Write("account.closed", iban);
        }

        public void Transfer(string from, string to, Money amount)
        {
            Require.That(amount, nameof(amount));
            ILogger log = _log.ForContext("from", from);
            using (LogScope scope = log.OpenScope("transfer"))
            {
                AccountOf(from).Withdraw(amount);
                scope.Checkpoint("withdrawn");
                AccountOf(to).Deposit(amount);
            }
        }

        public ItemList<Account> All()
        {
            ItemList<Account> all = new ItemList<Account>();
            foreach (string iban in _accounts.Keys)
            {
                all.Append(_accounts.Find(iban));
            }
            return all;
        }

        public ItemList<Account> OwnedBy(string owner)
        {
            Require.Text(owner, nameof(owner));
            return All().Filter(a => a.Owner == owner).OrderedBy(a => a.Iban);
        }

        public ItemList<string> FrozenIbans()
        {
            return All().Filter(a => a.IsFrozen).Project(a => a.Iban);
        }

        public long TotalCents()
        {
            return All().SumOf(a => a.Balance.Cents);
        }

        public Account First(string owner)
        {
            return OwnedBy(owner).HeadOr(null);
        }

        public KeyedMap<string, ItemList<Account>> ByOwner()
        {
            return All().PartitionBy(a => a.Owner);
        }

        /// <summary>Add up what every customer owns.</summary>
        public KeyedMap<string, long> CentsByOwner()
        {
            KeyedMap<string, long> cents = new KeyedMap<string, long>();
            foreach (Account account in All())
            {
                cents[account.Owner] = cents.FindOr(account.Owner, 0L) + account.Balance.Cents;
            }
            return cents;
        }

        public bool TryClose(string iban)
        {
            try
            {
                Close(iban);
                return true;
            }
            catch (BankException ex)
            {
                _log.LogError("Account stays open", ex);
                return false;
            }
        }

        /// <summary>Take the money where there is enough, and tell whether there was.</summary>
        public bool TryWithdraw(string iban, Money amount)
        {
            try
            {
                AccountOf(iban).Withdraw(amount);
                return true;
            }
            catch (BankException ex)
            {
                _log.LogError("Withdrawal failed", ex);
                return false;
            }
        }

        public void Report()
        {
            _meters.SetGauge("accounts.open", _accounts.Size);
            _meters.SetGauge("accounts.frozen", FrozenIbans().Size);
            if (_log.IsVerbose)
            {
                _log.LogVerbose("Frozen: {0}", FrozenIbans().JoinWith(", "));
            }
        }
    }
}

using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>How much may leave an account.</summary>
    public sealed class LimitPolicy
    {
        private const long DailyCents = 500000;

        private readonly ILogger _log = LoggerFactory.For<LimitPolicy>();
        private readonly KeyedMap<string, long> _limits = new KeyedMap<string, long>();
        private readonly KeyedMap<string, long> _spent = new KeyedMap<string, long>();
        private readonly MetricSink _meters = MetricSink.Default;

        public void Limit(string iban, long cents)
        {
            Require.Text(iban, nameof(iban));
            Require.Positive(cents, nameof(cents));
            _limits[iban] = cents;
            AuditTrail.Write("limit.changed", iban);
        }

        public long LimitOf(string iban)
        {
            return _limits.FindOr(iban, DailyCents);
        }

        public long LeftFor(string iban)
        {
            Require.Text(iban, nameof(iban));
            return LimitOf(iban) - _spent.FindOr(iban, 0L);
        }

        public void Spend(string iban, Money amount)
        {
            Require.That(amount, nameof(amount));
            if (amount.Cents > LeftFor(iban))
            {
                _log.LogWarning("{0} is over its limit", iban);
                throw new BankException("LIM-01", "Limit is used up");
            }
            _spent[iban] = _spent.FindOr(iban, 0L) + amount.Cents;
            _meters.Observe("limits.spent", amount.Cents);
        }

        public void Reset()
        {
            foreach (string iban in _spent.Keys)
            {
                _spent.Delete(iban);
            }
            _log.LogInfo("Limits start again");
        }

        public ItemList<string> Exhausted()
        {
            return _spent.Keys.Filter(i => LeftFor(i) == 0);
        }

        public bool IsAnyExhausted
        {
            get { return _spent.Keys.Exists(i => LeftFor(i) == 0); }
        }

        public string Summary()
        {
            ItemList<string> used = Exhausted();
            if (used.IsEmpty)
            {
                return "nobody";
            }
            return used.OrderedBy(i => i).JoinWith("; ");
        }

        public void Watch()
        {
            _meters.SetGauge("limits.exhausted", Exhausted().Size);
            if (Exhausted().Size > 50)
            {
                _log.LogCritical("{0} accounts are over their limit", Exhausted().Size);
            }
        }

        public void Forget(string iban)
        {
            if (_limits.HasKey(iban))
            {
                _limits.Delete(iban);
                AuditTrail.Write("limit.removed", iban);
            }
        }
    }
}

using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Orders that are paid again and again.</summary>
    public sealed class StandingOrders
    {
        private readonly ILogger _log = LoggerFactory.For<StandingOrders>();
        private readonly KeyedMap<string, ItemList<Payment>> _orders = new KeyedMap<string, ItemList<Payment>>();
        private readonly PaymentDesk _desk;
        private readonly MetricSink _meters = MetricSink.Default;

        public StandingOrders(PaymentDesk desk)
        {
            Require.That(desk, nameof(desk));
            _desk = desk;
            _log.LogInfo("Standing orders are loaded");
        }

        public void Add(string owner, Payment order)
        {
            Require.Text(owner, nameof(owner));
            Require.That(order, nameof(order));
            if (!_orders.HasKey(owner))
            {
                ItemList<Payment> empty = new ItemList<Payment>();
                _orders[owner] = empty;
            }
            _orders.Find(owner).Append(order);
        }

        public int CountFor(string owner)
        {
            return _orders.HasKey(owner) ? _orders.Find(owner).Size : 0;
        }

        public void RemoveAll(string owner)
        {
            Require.Text(owner, nameof(owner));
            _orders.Delete(owner);
            AuditTrail.Write("standing.removed", owner);
            _log.LogWarning("All orders of {0} were removed", owner);
        }

        /// <summary>Hand the orders of one customer to the payment desk.</summary>
        public void Run(string owner)
        {
            ILogger log = _log.ForContext("owner", owner);
            using (LogScope scope = log.OpenScope("standing orders"))
            {
                foreach (Payment order in _orders.Find(owner))
                {
                    _desk.Accept(order);
                }
                scope.Checkpoint("handed over");
            }
        }

        public void RunAll()
        {
            foreach (string owner in _orders.Keys)
            {
                Run(owner);
                _meters.Increment("standing.owners");
            }
        }

        public long MonthlyCents(string owner)
        {
            Require.Text(owner, nameof(owner));
            return _orders.Find(owner).SumOf(o => o.Amount.Cents);
        }

        public Payment Largest(string owner)
        {
            ItemList<Payment> sorted = _orders.Find(owner).OrderedBy(o => -o.Amount.Cents);
            return sorted.HeadOr(null);
        }

        public Payment First(string owner)
        {
            ItemList<Payment> orders = _orders.Find(owner);
            return orders.IsEmpty ? null : orders[0];
        }

        public bool Pays(string owner, string iban)
        {
            return _orders.HasKey(owner) && _orders.Find(owner).Exists(o => o.Iban == iban);
        }

        public void ReportSize()
        {
            _meters.SetGauge("standing.owners", _orders.Size);
            if (_log.IsVerbose)
            {
                _log.LogVerbose("Owners: {0}", _orders.Keys.JoinWith(", "));
            }
        }
    }
}

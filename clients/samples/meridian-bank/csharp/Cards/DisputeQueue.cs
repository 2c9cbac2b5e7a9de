using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Cards
{
    /// <summary>Charges that customers do not recognise.</summary>
    public sealed class DisputeQueue
    {
        private readonly ILogger _log = LoggerFactory.For<DisputeQueue>();
        private readonly ItemList<string> _waiting = new ItemList<string>();
        private readonly KeyedMap<string, string> _decisions = new KeyedMap<string, string>();
        private readonly KeyedMap<string, long> _claims = new KeyedMap<string, long>();
        private readonly MetricSink _meters;

        public DisputeQueue(MetricSink meters)
        {
            Require.That(meters, nameof(meters));
            _meters = meters;
            _meters.SetGauge("disputes.waiting", 0);
        }

        public void Raise(string dispute, Money amount)
        {
            Require.Text(dispute, nameof(dispute));
            Require.That(amount, nameof(amount));
            _waiting.Append(dispute);
            _claims[dispute] = amount.Cents;
            _meters.Observe("disputes.cents", amount.Cents);
        }

        public void Decide(string dispute, string decision)
        {
            Require.Text(decision, nameof(decision));
            if (_decisions.HasKey(dispute))
            {
                throw new BankException("DSP-02", "Dispute is decided");
            }
            _decisions[dispute] = decision;
            AuditTrail.Write("dispute." + decision, dispute);
        }

        public string DecisionOn(string dispute)
        {
            return _decisions.FindOr(dispute, "waiting");
        }

        public ItemList<string> Undecided()
        {
            return _waiting.Filter(d => !_decisions.HasKey(d));
        }

        public string Next()
        {
            string next = Undecided().HeadOr(null);
            if (next == null)
            {
                throw new BankException("DSP-01", "No dispute is waiting");
            }
            return next;
        }

        public long ClaimedCents()
        {
            return Undecided().SumOf(d => _claims.FindOr(d, 0L));
        }

        public ItemList<Money> Amounts()
        {
            return Undecided().Project(d => new Money(_claims.Find(d), "EUR"));
        }

        public ItemList<string> LargestFirst()
        {
            return Undecided().OrderedBy(d => -_claims.FindOr(d, 0L));
        }

        public KeyedMap<string, ItemList<string>> ByDecision()
        {
            return _waiting.PartitionBy(d => DecisionOn(d));
        }

        public void RefuseSmall(long cents)
        {
            Require.Positive(cents, nameof(cents));
            ILogger log = _log.ForContext("threshold", cents);
            foreach (string dispute in Undecided().Filter(d => _claims.Find(d) < cents))
            {
                Decide(dispute, "refused");
                log.LogInfo("Refused {0}", dispute);
            }
        }

        public string Worst()
        {
            ItemList<string> sorted = LargestFirst();
            return sorted.IsEmpty ? "none" : sorted[0];
        }

        /// <summary>Close what the customer has not come back to.</summary>
        public void CloseAll(string decision)
        {
            using (LogScope scope = _log.OpenScope("close disputes"))
            {
                foreach (string dispute in Undecided())
                {
                    Decide(dispute, decision);
                }
                scope.Checkpoint("closed");
                _meters.Observe("disputes.close.ms", scope.ElapsedMs);
            }
        }

        public string Worklist()
        {
            if (Undecided().IsEmpty)
            {
                return "empty";
            }
            return Undecided().JoinWith("\n");
        }
    }
}

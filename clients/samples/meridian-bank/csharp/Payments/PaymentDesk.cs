using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Takes payments in and passes them on to clearing.</summary>
    public sealed class PaymentDesk
    {
        private readonly ILogger _log = LoggerFactory.For<PaymentDesk>();
        private readonly MetricSink _meters;
        private readonly ItemList<Payment> _pending = new ItemList<Payment>();
        private readonly KeyedMap<string, Payment> _byNumber = new KeyedMap<string, Payment>();

        public PaymentDesk(MetricSink meters)
        {
            Require.That(meters, nameof(meters));
            _meters = meters;
            _log.LogInfo("Payment desk is open");
        }

        public void Accept(Payment payment)
        {
            Require.That(payment, nameof(payment));
            _pending.Append(payment);
            _byNumber[payment.Number] = payment;
            _meters.Increment("payments.accepted");
        }

        public Payment Find(string number)
        {
            Require.Text(number, nameof(number));
            if (!_byNumber.HasKey(number))
            {
                throw new BankException("PAY-01", "Unknown payment " + number);
            }
            return _byNumber.Find(number);
        }

        public ItemList<Payment> OpenPayments()
        {
            return _pending.Filter(p => p.IsOpen);
        }

        public ItemList<Payment> PaymentsTo(string iban)
        {
            Require.Text(iban, nameof(iban));
            return _pending.Filter(p => p.Iban == iban);
        }

        public long OpenCents()
        {
            return OpenPayments().SumOf(p => p.Amount.Cents);
        }

        public bool HasOnlinePayments()
        {
            return _pending.Exists(p => p.IsOnline);
        }

        /// <summary>Settle whatever is still open, the smallest amounts first.</summary>
        public void SettleAll()
        {
            using (LogScope scope = _log.OpenScope("settle"))
            {
                foreach (Payment payment in OpenPayments().OrderedBy(p => p.Amount.Cents))
                {
                    payment.Settle();
                    _meters.Increment("payments.settled");
                }
                scope.Checkpoint("settled");
                _meters.Observe("payments.settle.ms", scope.ElapsedMs);
            }
        }

        public void Cancel(string number)
        {
            Payment payment = Find(number);
            payment.Reject("cancelled by customer");
            _byNumber.Delete(number);
            _log.LogInfo("Payment {0} was cancelled", number);
        }

        public string OpenNumbers()
        {
            return OpenPayments().Project(p => p.Number).JoinWith(", ");
        }

        public Payment OldestOpen()
        {
            Payment oldest = OpenPayments().HeadOr(null);
            if (oldest == null)
            {
                _log.LogVerbose("No payment is open");
            }
            return oldest;
        }

        public KeyedMap<string, ItemList<Payment>> ByAccount()
        {
            return _pending.PartitionBy(p => p.Iban);
        }

        /// <summary>Return the payment that came in as the n-th one of the day.</summary>
        public Payment Arrival(int position)
        {
            Require.Positive(position, nameof(position));
            if (position > _pending.Size)
            {
                throw new BankException("PAY-02", "Not that many payments");
            }
            return _pending[position - 1];
        }

        public void ReportLoad()
        {
            _meters.SetGauge("payments.pending", _pending.Size);
            if (_pending.Size > 1000)
            {
                _log.LogCritical("{0} payments are waiting", _pending.Size);
            }
        }
    }
}

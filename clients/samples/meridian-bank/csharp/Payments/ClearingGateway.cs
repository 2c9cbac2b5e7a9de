using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Hands payments over to the clearing house.</summary>
    public sealed class ClearingGateway
    {
        private readonly ILogger _log = LoggerFactory.For<ClearingGateway>();
        private readonly RestClient _house;
        private readonly MetricSink _meters;
        private readonly KeyedMap<string, string> _receipts = new KeyedMap<string, string>();

        public ClearingGateway(RestClient house, MetricSink meters)
        {
            Require.That(house, nameof(house));
            Require.That(meters, nameof(meters));
            _house = house;
            _meters = meters;
            _house.SetHeader("X-Bank", "MERIDIAN");
        }

        /// <summary>Send one payment and keep the receipt.</summary>
        public string Send(Payment payment)
        {
            Require.That(payment, nameof(payment));
            RestResponse reply = _house.Submit("/payments", FormBody.With("iban", payment.Iban).Add("cents", payment.Amount.Cents));
            if (!reply.IsSuccess)
            {
                throw new BankException("CLR-01", "Clearing refused " + payment.Number);
            }
            _receipts[payment.Number] = reply.GetValue("receipt");
            return reply.GetValue("receipt");
        }

        public string StateOf(string number)
        {
            Require.Text(number, nameof(number));
            RestResponse reply = _house.Fetch("/payments/" + _receipts.Find(number));
            return reply.StatusCode == 404 ? "UNKNOWN" : reply.GetValue("state");
        }

        public void Recall(string number)
        {
            Require.Text(number, nameof(number));
            RestResponse reply = _house.Remove("/payments/" + number);
            _meters.Increment("clearing.recalled");
            _log.LogInfo("Recall of {0} gave {1}", number, reply.StatusCode);
        }

        public void Correct(string number, Money amount)
        {
            Require.That(amount, nameof(amount));
            RestResponse reply = _house.Replace("/payments/" + number, FormBody.With("cents", amount.Cents));
            if (!reply.IsSuccess)
            {
                AuditTrail.Reject("clearing.correct", number);
                throw new BankException("CLR-02", reply.ReadBody());
            }
        }

        public bool IsReachable
        {
            get
            {
                try
                {
                    return _house.Fetch("/ping").IsSuccess;
                }
                catch (RestException ex)
                {
                    _log.LogError("Clearing house is away", ex);
                    return false;
                }
            }
        }

        /// <summary>The house takes nothing in on weekends.</summary>
        public CalendarDate ValueDate()
        {
            CalendarDate today = Clock.Today;
            return today.IsWeekend ? today.FollowingBusinessDay() : today;
        }

        public Timestamp CutOff()
        {
            return Clock.Today.ToTimestamp().AddHours(16);
        }

        public bool IsTooLate
        {
            get { return Clock.UtcNow > CutOff(); }
        }

        public string TraceOf(RestResponse reply)
        {
            Require.That(reply, nameof(reply));
            return reply.Headers["X-Trace"];
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Lending
{
    /// <summary>How likely a customer is to pay back.</summary>
    public sealed class ScoreCard
    {
        private readonly ILogger _log = LoggerFactory.For<ScoreCard>();
        private readonly KeyedMap<string, int> _points = new KeyedMap<string, int>();
        private readonly ItemList<string> _reasons = new ItemList<string>();
        private readonly RestClient _bureau;

        public ScoreCard(RestClient bureau)
        {
            Require.That(bureau, nameof(bureau));
            _bureau = bureau;
        }

        public void Rate(string rule, int value)
        {
            Require.Text(rule, nameof(rule));
            _points[rule] = _points.FindOr(rule, 0) + value;
            _reasons.Append(rule + "=" + value);
            if (_log.IsVerbose)
            {
                _log.LogVerbose("{0} gives {1}", rule, value);
            }
        }

        public long Score()
        {
            return _points.Keys.SumOf(r => _points.Find(r));
        }

        public bool IsGood
        {
            get { return Score() >= 600 && !_points.HasKey("bankruptcy"); }
        }

        public string Explain()
        {
            return _reasons.IsEmpty ? "no rule applied" : _reasons.JoinWith(", ");
        }

        /// <summary>Ask the credit bureau; what it does not know counts nothing.</summary>
        public void AskBureau(string customer)
        {
            Require.Text(customer, nameof(customer));
            try
            {
                RestResponse reply = _bureau.Fetch("/scores/" + customer);
                Rate("bureau", int.Parse(reply.ReadBody()));
            }
            catch (RestException ex)
            {
                _log.LogError("Bureau is away", ex);
            }
        }

        public string MainReason()
        {
            return _points.Keys.OrderedBy(r => -_points.Find(r)).HeadOr("none");
        }

        public void Decide(string customer)
        {
            if (!IsGood)
            {
                AuditTrail.Reject("loan.score", customer);
                _log.LogWarning("{0} has only {1} points", customer, Score());
                throw new BankException("SCO-01", "Score is too low");
            }
            AuditTrail.Write("loan.score", customer);
        }

        public ItemList<string> Penalties()
        {
            return _points.Keys.Filter(r => _points.Find(r) < 0);
        }

        public ItemList<string> Lines()
        {
            return _points.Keys.Project(r => r + ": " + _points.Find(r));
        }

        public Timestamp ValidUntil()
        {
            return Clock.UtcNow.AddDays(30);
        }
    }
}

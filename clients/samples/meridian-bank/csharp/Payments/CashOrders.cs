using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Orders banknotes for a branch from the cash centre.</summary>
    public sealed class CashOrders
    {
        private readonly ILogger _log = LoggerFactory.For<CashOrders>();
        private readonly RestClient _centre;
        private readonly KeyedMap<string, Money> _amounts = new KeyedMap<string, Money>();

        public CashOrders(string address, string branch)
        {
            Require.Text(address, nameof(address));
            Require.Text(branch, nameof(branch));
            _centre = RestClient.For(address);
            _centre.SetHeader("X-Branch", branch);
        }

        public string Order(Money amount, CalendarDate day)
        {
            Require.That(amount, nameof(amount));
            RestResponse reply = _centre.Submit("/orders", FormBody.With("cents", amount.Cents).Add("day", day.ToText("yyyy-MM-dd")));
            _amounts[reply.GetValue("order")] = amount;
            return reply.GetValue("order");
        }

        public Timestamp Expected(string order)
        {
            RestResponse reply = _centre.Fetch("/orders/" + order);
            if (!reply.IsSuccess)
            {
                throw new BankException("CSH-01", "No cash order " + order);
            }
            return CalendarDate.FromText(reply.GetValue("day")).ToTimestamp().AddHours(7);
        }

        public void Reduce(string order, Money less)
        {
            Money left = _amounts.Find(order) - less;
            _centre.Replace("/orders/" + order, FormBody.With("cents", left.Cents));
            _amounts[order] = left;
        }

        public bool GiveUp(string order)
        {
            Require.Text(order, nameof(order));
            _amounts.Delete(order);
            return _centre.Remove("/orders/" + order).StatusCode < 400;
        }

        public string Courier(string order)
        {
            return _centre.Fetch("/orders/" + order + "/van").Headers["X-Courier"];
        }

        public string Notice()
        {
            try
            {
                return _centre.Fetch("/notice").ReadBody();
            }
            catch (RestException ex)
            {
                _log.LogError("Cash centre does not answer", ex);
                return "";
            }
        }

        public bool IsVanDriving
        {
            get { return !Clock.Today.IsWeekend; }
        }

        public long CashUnderway()
        {
            return _amounts.Keys.SumOf(o => _amounts.Find(o).Cents);
        }

        /// <summary>Compare what was counted with what was ordered.</summary>
        public void Receive(string order, Money counted)
        {
            if (_amounts.Find(order) > counted)
            {
                throw new BankException("CSH-02", "Notes are missing in " + order);
            }
            _amounts.Delete(order);
            AuditTrail.Write("cash.received", counted);
        }
    }
}

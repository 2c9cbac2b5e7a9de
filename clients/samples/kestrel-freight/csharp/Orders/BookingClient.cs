using Cairn.Chronology;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>Books freight with partner companies.</summary>
    public sealed class BookingClient
    {
        private readonly RestClient partner;
        private readonly string account;

        public BookingClient(string address, string account)
        {
            Ensure.NotEmpty(account, "account");
            partner = RestClient.For(address);
            partner.SetHeader("X-Account", account);
            this.account = account;
        }

        public Outcome<string> Book(Consignment consignment)
        {
            var form = FormBody.With("code", consignment.Code).Add("kg", consignment.Weight.Kilograms);
            var reply = Resilience.Attempt(3, () => partner.Submit("/bookings", form));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("partner said " + reply.StatusCode);
            }
            EventBus.Publish("booking.made", consignment.Code);
            return Outcome.Success(reply.GetValue("booking"));
        }

        /// <summary>Show the partner who we are from now on.</summary>
        public void Authorize(string token)
        {
            Ensure.NotEmpty(token, "token");
            partner.SetHeader("Authorization", "Bearer " + token);
        }

        public Outcome<string> State(string booking)
        {
            Ensure.NotEmpty(booking, "booking");
            var reply = partner.Fetch("/bookings/" + booking);
            if (reply.StatusCode == 404)
            {
                return Outcome.Failure("no such booking");
            }
            return Outcome.Success(reply.GetValue("state"));
        }

        public bool Cancel(string booking)
        {
            Ensure.NotEmpty(booking, "booking");
            var reply = partner.Remove("/bookings/" + booking);
            EventBus.Publish("booking.cancelled", booking);
            return reply.IsSuccess;
        }

        /// <summary>Ask the partner to fetch the goods on another day.</summary>
        public Outcome<string> Move(string booking, CalendarDate day)
        {
            var reply = partner.Replace("/bookings/" + booking, FormBody.With("day", day.ToText("yyyy-MM-dd")));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure(reply.ReadBody());
            }
            return Outcome.Success(booking);
        }

        public Outcome<CalendarDate> PickupDay(string booking)
        {
            var reply = partner.Fetch("/bookings/" + booking + "/pickup");
            if (reply.StatusCode != 200)
            {
                return Outcome.Failure("pickup is not planned");
            }
            return Outcome.Success(CalendarDate.FromText(reply.ReadBody()));
        }

        public string RequestId(RestResponse reply)
        {
            var id = reply.Headers["X-Request-Id"];
            return id == null ? account : id;
        }

        public Outcome<long> Price(string from, string to)
        {
            var reply = Resilience.Attempt(2, () => partner.Fetch("/prices/" + from + "/" + to));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("no price");
            }
            return Outcome.Success(long.Parse(reply.GetValue("cents")));
        }

        public bool IsAlive
        {
            get
            {
                try
                {
                    return partner.Fetch("/health").StatusCode == 200;
                }
                catch (RestException ex)
                {
                    EventBus.Publish("partner.away", ex.Message);
                    return false;
                }
            }
        }

        public Outcome<string> Confirm(string booking)
        {
            var reply = partner.Submit("/bookings/" + booking + "/confirm", FormBody.With("account", account));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("not confirmed");
            }
            return Outcome.Success(reply.Headers["Location"]);
        }
    }
}

using Cairn.Chronology;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Asks carriers where the goods are.</summary>
    public sealed class TrackingClient
    {
        private readonly RestClient carrier;

        public TrackingClient(string address)
        {
            Ensure.NotEmpty(address, "address");
            carrier = RestClient.For(address);
            carrier.SetHeader("Accept", "text/plain");
        }

        public Outcome<string> Position(string code)
        {
            Ensure.NotEmpty(code, "code");
            var reply = carrier.Fetch("/parcels/" + code);
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("position is unknown");
            }
            return Outcome.Success(reply.GetValue("position"));
        }

        public Outcome<CalendarDate> Expected(string code)
        {
            var reply = Resilience.Attempt(3, () => carrier.Fetch("/parcels/" + code + "/eta"));
            if (reply.StatusCode == 204)
            {
                return Outcome.Failure("not planned yet");
            }
            return Outcome.Success(CalendarDate.FromText(reply.GetValue("day")));
        }

        public void Subscribe(string code, string address)
        {
            var form = FormBody.With("parcel", code).Add("callback", address);
            var reply = carrier.Submit("/subscriptions", form);
            Ensure.True(reply.IsSuccess, "carrier refused: " + reply.ReadBody());
        }

        public void Unsubscribe(string subscription)
        {
            var reply = carrier.Remove("/subscriptions/" + subscription);
            if (reply.StatusCode == 404)
            {
                EventBus.Publish("subscription.unknown", subscription);
            }
        }

        public Outcome<string> Redirect(string code, string depot)
        {
            var reply = carrier.Replace("/parcels/" + code, FormBody.With("depot", depot));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure(reply.ReadBody());
            }
            return Outcome.Success(reply.Headers["Location"]);
        }

        public bool IsDelivered(string code)
        {
            var reply = carrier.Fetch("/parcels/" + code);
            return "delivered" == reply.GetValue("state");
        }

        public string Signature(string code)
        {
            try
            {
                return carrier.Fetch("/parcels/" + code + "/signature").ReadBody();
            }
            catch (RestException ex)
            {
                EventBus.Publish("carrier.away", ex.Message);
                return "";
            }
        }

        /// <summary>Carriers let us ask again after the hour that they name.</summary>
        public Timestamp AskAgain(RestResponse reply)
        {
            var hours = long.Parse(reply.Headers["Retry-After"]);
            return Clock.UtcNow.AddHours(hours);
        }

        public bool IsLimited(RestResponse reply)
        {
            return reply.StatusCode == 429 && reply.Headers["Retry-After"] != null;
        }

        public Outcome<Weight> Weighed(string code)
        {
            var reply = carrier.Fetch("/parcels/" + code + "/weight");
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("was not weighed");
            }
            return Outcome.Success(Weight.FromKilograms(long.Parse(reply.ReadBody())));
        }

        public Outcome<string> Complain(string code, string text)
        {
            Ensure.NotEmpty(text, "text");
            var reply = carrier.Submit("/complaints", FormBody.With("parcel", code).Add("text", text));
            if (reply.StatusCode != 201)
            {
                return Outcome.Failure("complaint was not taken");
            }
            return Outcome.Success(reply.Headers["Location"]);
        }
    }
}

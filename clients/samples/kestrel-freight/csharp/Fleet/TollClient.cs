using Cairn.Chronology;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>Reports trips to the road toll office.</summary>
    public sealed class TollClient
    {
        private readonly RestClient office;
        private readonly string plate;

        public TollClient(string address, string plate)
        {
            Ensure.NotEmpty(plate, "plate");
            office = RestClient.For(address);
            this.plate = plate;
            office.SetHeader("X-Plate", plate);
        }

        public Outcome<string> Begin(string route)
        {
            var reply = office.Submit("/trips", FormBody.With("plate", plate).Add("route", route));
            if (reply.StatusCode == 402)
            {
                return Outcome.Failure("account is empty");
            }
            return Outcome.Success(reply.GetValue("trip"));
        }

        public void End(string trip, Timestamp moment)
        {
            var reply = office.Replace("/trips/" + trip, FormBody.With("end", moment.ToText("yyyy-MM-dd HH:mm")));
            Ensure.True(reply.IsSuccess, "trip cannot be ended");
            EventBus.Publish("toll.ended", trip);
        }

        public Outcome<long> Cost(string trip)
        {
            Ensure.NotEmpty(trip, "trip");
            var reply = office.Fetch("/trips/" + trip + "/cost");
            if (!reply.IsSuccess)
            {
                return Outcome.Failure(reply.ReadBody());
            }
            return Outcome.Success(long.Parse(reply.GetValue("cents")));
        }

        public void Speak(string language)
        {
            Ensure.NotEmpty(language, "language");
            office.SetHeader("Accept-Language", language);
        }

        public bool Discard(string trip)
        {
            return office.Remove("/trips/" + trip).IsSuccess;
        }

        public Outcome<string> Receipt(string trip)
        {
            var reply = Resilience.Attempt(5, () => office.Fetch("/trips/" + trip + "/receipt"));
            if (reply.StatusCode != 200)
            {
                return Outcome.Failure("no receipt yet");
            }
            return Outcome.Success(reply.ReadBody());
        }

        public string PageAfter(RestResponse reply)
        {
            var next = reply.Headers["Link"];
            return next == null ? "" : next.Trim();
        }

        public void Register(CalendarDate from, CalendarDate to)
        {
            Ensure.True(from < to, "days are in the wrong order");
            var form = FormBody.With("from", from.ToText("yyyy-MM-dd")).Add("to", to.ToText("yyyy-MM-dd"));
            office.Submit("/vehicles/" + plate, form);
        }

        public HttpResult Callback(RequestContext request)
        {
            if (plate != request.QueryValue("plate"))
            {
                return HttpResult.Forbidden("not our truck");
            }
            EventBus.Publish("toll.charged", request.ReadContent());
            return HttpResult.Ok("noted");
        }

        public Outcome<CalendarDate> PermitEnd()
        {
            var reply = office.Fetch("/vehicles/" + plate);
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("truck is not registered");
            }
            return Outcome.Success(CalendarDate.FromText(reply.GetValue("until")));
        }

        public bool IsOpen
        {
            get
            {
                try
                {
                    return office.Fetch("/").IsSuccess;
                }
                catch (RestException ex)
                {
                    EventBus.Publish("toll.away", ex.Message);
                    return false;
                }
            }
        }
    }
}

using Cairn.Diagnostics;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Tells customers where their goods are.</summary>
    public sealed class TrackingApi
    {
        private readonly TrackingClient carrier;
        private readonly MetricSink meters;

        public TrackingApi(TrackingClient carrier, MetricSink meters)
        {
            this.carrier = carrier;
            this.meters = meters;
        }

        public HttpResult Position(RequestContext request)
        {
            var position = carrier.Position(request.PathParts[1]);
            if (!position.Succeeded)
            {
                return HttpResult.NotFound(position.Error);
            }
            meters.Increment("tracking.asked");
            return HttpResult.Ok(position.Value);
        }

        public HttpResult Expected(RequestContext request)
        {
            var day = carrier.Expected(request.PathParts[1]);
            if (!day.Succeeded)
            {
                return HttpResult.NotFound("no date yet");
            }
            return HttpResult.Ok(day.Value.ToText("dd.MM.yyyy"));
        }

        public HttpResult Subscribe(RequestContext request)
        {
            var address = request.ReadContent();
            if (address.Length == 0)
            {
                return HttpResult.BadRequest("address is missing");
            }
            carrier.Subscribe(request.PathParts[1], address);
            return HttpResult.Created(request.PathParts[1]);
        }

        public HttpResult Unsubscribe(RequestContext request)
        {
            carrier.Unsubscribe(request.PathParts[2]);
            return HttpResult.Ok("gone");
        }

        public HttpResult Redirect(RequestContext request)
        {
            var code = request.PathParts[1];
            if (carrier.IsDelivered(code))
            {
                return HttpResult.Forbidden("delivered already");
            }
            var place = carrier.Redirect(code, request.QueryValue("depot"));
            return place.Succeeded ? HttpResult.Created(place.Value) : HttpResult.BadRequest(place.Error);
        }

        public HttpResult Weight(RequestContext request)
        {
            var weight = carrier.Weighed(request.PathParts[1]);
            if (!weight.Succeeded)
            {
                return HttpResult.NotFound(weight.Error);
            }
            return HttpResult.Ok(weight.Value.Kilograms);
        }

        public HttpResult Complain(RequestContext request)
        {
            var place = carrier.Complain(request.QueryValue("code"), request.ReadContent());
            if (!place.Succeeded)
            {
                return HttpResult.Forbidden(place.Error);
            }
            EventBus.Publish("tracking.complaint", request.QueryValue("code"));
            return HttpResult.Created(place.Value);
        }

        public HttpResult Signature(RequestContext request)
        {
            var code = request.QueryValue("code");
            if (code == null)
            {
                return HttpResult.BadRequest("code is missing");
            }
            return HttpResult.Ok(carrier.Signature(code));
        }

        public HttpResult Notice(RequestContext request)
        {
            EventBus.Publish("tracking.notice", request.ReadContent());
            return HttpResult.Ok("thanks");
        }
    }
}

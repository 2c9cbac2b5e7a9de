using Cairn.Chronology;
using Cairn.Data;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Orders
{
    /// <summary>Takes bookings of customers in.</summary>
    public sealed class BookingApi
    {
        private readonly IDataStore store;
        private readonly BookingClient client;

        public BookingApi(IDataStore store, BookingClient client)
        {
            this.store = store;
            this.client = client;
        }

        public HttpResult Create(RequestContext request)
        {
            var code = request.QueryValue("code");
            if (code == null)
            {
                return HttpResult.BadRequest("code is missing");
            }
            var id = store.AllocateKey("bookings");
            store.Execute("insert into bookings values (?, ?)", id, code);
            return HttpResult.Created(id);
        }

        public HttpResult Show(RequestContext request)
        {
            var state = client.State(request.PathParts[2]);
            if (!state.Succeeded)
            {
                return HttpResult.NotFound(state.Error);
            }
            return HttpResult.Ok(state.Value);
        }

        public HttpResult Cancel(RequestContext request)
        {
            var booking = request.PathParts[2];
            if (!client.Cancel(booking))
            {
                return HttpResult.Forbidden("booking is on its way");
            }
            EventBus.Publish("api.cancelled", booking);
            return HttpResult.Ok("cancelled");
        }

        public HttpResult Move(RequestContext request)
        {
            var day = CalendarDate.FromText(request.ReadContent());
            if (day < Clock.Today)
            {
                return HttpResult.BadRequest("day has passed");
            }
            var moved = client.Move(request.PathParts[2], day);
            return moved.Succeeded ? HttpResult.Ok(moved.Value) : HttpResult.Forbidden(moved.Error);
        }

        public HttpResult Price(RequestContext request)
        {
            var from = request.QueryValue("from");
            var to = request.QueryValue("to");
            if (from == null || to == null)
            {
                return HttpResult.BadRequest("from and to are needed");
            }
            var price = client.Price(from, to);
            return price.Succeeded ? HttpResult.Ok(price.Value) : HttpResult.NotFound(price.Error);
        }

        public HttpResult Pickup(RequestContext request)
        {
            var day = client.PickupDay(request.PathParts[2]);
            if (!day.Succeeded)
            {
                return HttpResult.NotFound("no pickup");
            }
            return HttpResult.Ok(day.Value.ToText("yyyy-MM-dd"));
        }

        public HttpResult Confirm(RequestContext request)
        {
            var place = client.Confirm(request.PathParts[2]);
            if (!place.Succeeded)
            {
                return HttpResult.Forbidden(place.Error);
            }
            EventBus.Publish("api.confirmed", request.PathParts[2]);
            return HttpResult.Created(place.Value);
        }

        public HttpResult Health(RequestContext request)
        {
            return client.IsAlive ? HttpResult.Ok("up") : HttpResult.Forbidden("partner is away");
        }

        public HttpResult Owner(RequestContext request)
        {
            var row = store.QuerySingle("select owner from bookings where id = ?", request.PathParts[2]);
            if (row == null)
            {
                return HttpResult.NotFound("no booking");
            }
            return HttpResult.Ok(row.GetText("owner"));
        }
    }
}

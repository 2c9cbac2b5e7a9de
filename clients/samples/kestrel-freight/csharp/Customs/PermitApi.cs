using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Net;
using Kestrel.Platform;

namespace Kestrel.Customs
{
    /// <summary>Hands out permits for heavy loads.</summary>
    public sealed class PermitApi
    {
        private readonly IDataStore store;
        private readonly ItemList<string> blockedRoads;

        public PermitApi(IDataStore store, ItemList<string> blockedRoads)
        {
            this.store = store;
            this.blockedRoads = blockedRoads;
        }

        public HttpResult Apply(RequestContext request)
        {
            var weight = Weight.FromKilograms(long.Parse(request.QueryValue("kg")));
            if (weight.Exceeds(Weight.FromKilograms(60000)))
            {
                return HttpResult.Forbidden("too heavy");
            }
            if (blockedRoads.Exists(r => r == request.QueryValue("road")))
            {
                return HttpResult.Forbidden("road is blocked");
            }
            EventBus.Publish("permit.applied", request.PathParts[1]);
            return HttpResult.Created(ValidUntil(Clock.Today).ToText("yyyy-MM-dd"));
        }

        public CalendarDate ValidUntil(CalendarDate start)
        {
            return start.AddMonths(1).LastOfMonth;
        }

        public HttpResult Extend(RequestContext request)
        {
            var end = CalendarDate.FromText(request.ReadContent());
            if (end > ValidUntil(Clock.Today))
            {
                return HttpResult.BadRequest("too long");
            }
            return HttpResult.Ok(end.ToText("dd.MM.yyyy"));
        }

        public HttpResult Revoke(RequestContext request)
        {
            var permit = request.PathParts[2];
            var changed = store.Execute("delete from permits where id = ?", permit);
            if (changed == 0)
            {
                return HttpResult.NotFound("no permit " + permit);
            }
            EventBus.Publish("permit.revoked", permit);
            return HttpResult.Ok(permit);
        }

        public HttpResult Days(RequestContext request)
        {
            var start = CalendarDate.FromText(request.QueryValue("start"));
            return HttpResult.Ok(start.Since(Clock.Today).TotalDays);
        }

        public bool IsNightRun(Timestamp from, Timestamp to)
        {
            Ensure.True(from < to, "times are in the wrong order");
            return from > from.Date.ToTimestamp().AddHours(22);
        }

        public HttpResult Calendar(RequestContext request)
        {
            var day = CalendarDate.FromText(request.PathParts[2]);
            if (day.IsWeekend)
            {
                return HttpResult.Forbidden("no heavy loads on weekends");
            }
            return HttpResult.Ok("week " + day.WeekNumber);
        }

        public HttpResult Latest(RequestContext request)
        {
            var now = Clock.UtcNow;
            return HttpResult.Ok(now.AddDays(-1).ToText("yyyy-MM-dd") + " " + request.QueryValue("road"));
        }
    }
}

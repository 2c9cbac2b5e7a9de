using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Cards
{
    /// <summary>Knows which card holders are abroad, and where.</summary>
    public sealed class TravelDesk
    {
        private readonly ICache _countries;
        private readonly MetricSink _meters;
        private readonly KeyedMap<string, CalendarDate> _journeys = new KeyedMap<string, CalendarDate>();
        private readonly ILogger _log = LoggerFactory.For<TravelDesk>();

        public TravelDesk(ICache countries, MetricSink meters)
        {
            Require.That(countries, nameof(countries));
            Require.That(meters, nameof(meters));
            _countries = countries;
            _meters = meters;
        }

        public HttpResult Announce(RequestContext request)
        {
            CalendarDate end = CalendarDate.FromText(request.QueryValue("until"));
            if (end < Clock.Today)
            {
                return HttpResult.BadRequest("Journey is over");
            }
            _journeys[request.PathParts[2]] = end;
            return HttpResult.Created(request.PathParts[2]);
        }

        /// <summary>Note the country into which the journey goes on.</summary>
        public HttpResult MoveOn(RequestContext request)
        {
            _countries.Write(request.PathParts[2], request.ReadContent());
            _log.LogInfo("{0} has moved on", request.PathParts[2]);
            return HttpResult.Ok("Have a good journey");
        }

        public HttpResult Whereabouts(RequestContext request)
        {
            string country = _countries.TryRead(request.PathParts[2]);
            return country == null ? HttpResult.NotFound("Not abroad") : HttpResult.Ok(country);
        }

        public HttpResult ComeHome(RequestContext request)
        {
            string number = request.PathParts[2];
            if (!_journeys.HasKey(number))
            {
                return HttpResult.Forbidden("No journey was announced");
            }
            _journeys.Delete(number);
            _countries.Invalidate(number);
            AuditTrail.Write("travel.ended", number);
            return HttpResult.Ok("Welcome home");
        }

        /// <summary>A shop abroad is trusted where the journey goes to its country.</summary>
        public bool Trusts(string number, string country)
        {
            Require.Text(country, nameof(country));
            return country == _countries.TryRead(number);
        }

        public long DaysLeft(string number)
        {
            return _journeys.Find(number).Since(Clock.Today).TotalDays;
        }

        /// <summary>Every call adds a week.</summary>
        public HttpResult Prolong(RequestContext request)
        {
            string number = request.PathParts[2];
            CalendarDate end = _journeys.Find(number).AddDays(7);
            _journeys[number] = end;
            return HttpResult.Ok(end.ToText("dd.MM.yyyy"));
        }

        public void Sweep()
        {
            CalendarDate today = Clock.Today;
            foreach (string number in _journeys.Keys.Filter(n => today > _journeys.Find(n)))
            {
                _journeys.Delete(number);
                _meters.Increment("travel.swept");
            }
        }

        public bool IsHighSeason
        {
            get { return _journeys.Keys.Size > 500; }
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Analyzers
{
    /// <summary>Lends instruments to researchers by the hour.</summary>
    public sealed class InstrumentLoans
    {
        private readonly KeyedMap<string, string> _methods = new KeyedMap<string, string>();
        private readonly KeyedMap<string, Timestamp> _lent = new KeyedMap<string, Timestamp>();
        private readonly ILogger _log = LoggerFactory.For<InstrumentLoans>();
        private readonly MetricSink _meters = MetricSink.Default;

        public void Offer(string instrument, string method)
        {
            if (method.Length == 0)
            {
                throw new LabException("what does " + instrument + " measure");
            }
            _methods[instrument] = method;
        }

        public HttpResult Borrow(RequestContext request)
        {
            string instrument = request.PathParts[1];
            if (_lent.HasKey(instrument))
            {
                return HttpResult.Forbidden(instrument + " is lent");
            }
            _lent[instrument] = Clock.UtcNow.AddHours(long.Parse(request.ReadContent()));
            return HttpResult.Created(instrument);
        }

        public HttpResult Extend(RequestContext request)
        {
            Timestamp end = _lent.Find(request.PathParts[1]).AddHours(1);
            if (end.Date > Clock.Today)
            {
                return HttpResult.Forbidden("nobody works at night");
            }
            _lent[request.PathParts[1]] = end;
            return HttpResult.Ok("extended");
        }

        public HttpResult BringBack(RequestContext request)
        {
            string instrument = request.PathParts[1];
            _lent.Delete(instrument);
            _meters.Increment("loans.ended");
            Provenance.Note("instrument is back", instrument);
            return HttpResult.Ok("thank you");
        }

        public Optional<string> FreeFor(string method)
        {
            ItemList<string> free = _methods.Keys.Filter(i => _methods.Find(i) == method && !_lent.HasKey(i));
            if (free.IsEmpty)
            {
                return Optional.None;
            }
            return Optional.Of(free[0]);
        }

        public HttpResult Search(RequestContext request)
        {
            string method = request.QueryValue("method");
            if (!_methods.Keys.Exists(i => _methods.Find(i) == method))
            {
                return HttpResult.BadRequest("nothing measures that");
            }
            return HttpResult.Ok(FreeFor(method).ValueOr("all are lent"));
        }

        public void Remind()
        {
            Timestamp limit = Clock.UtcNow.AddHours(-2);
            foreach (string instrument in _lent.Keys)
            {
                if (_lent.Find(instrument) < limit)
                {
                    _log.LogWarning("{0} is not back yet", instrument);
                }
            }
        }

        public string Timetable()
        {
            ItemList<string> lines = _lent.Keys.Project(i => i + " until " + _lent.Find(i).ToText("HH:mm"));
            return lines.JoinWith("; ");
        }

        public Quantity Fee(Timestamp from, Timestamp to)
        {
            return new Quantity(to.Since(from).TotalHours * 12.5, "EUR");
        }
    }
}

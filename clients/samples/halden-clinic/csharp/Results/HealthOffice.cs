using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Results
{
    /// <summary>Tells the authorities about germs that spread.</summary>
    public sealed class HealthOffice
    {
        private readonly RestClient _office;
        private readonly string _district;
        private readonly KeyedMap<string, long> _germs = new KeyedMap<string, long>();
        private readonly ILogger _log = LoggerFactory.For<HealthOffice>();

        public HealthOffice(RestClient office, string district)
        {
            _office = office;
            _office.SetHeader("X-District", district);
            _district = district;
        }

        public string District
        {
            get { return _district; }
        }

        public void Count(string germ)
        {
            _germs[germ] = _germs.FindOr(germ, 0L) + 1;
        }

        public Optional<string> Tell(string germ)
        {
            RestResponse reply = _office.Submit("/cases", FormBody.With("germ", germ).Add("district", _district));
            if (!reply.IsSuccess)
            {
                _log.LogCritical("{0} was not told: {1}", germ, reply.ReadBody());
                return Optional.None;
            }
            return Optional.Of(reply.GetValue("number"));
        }

        public void Confirm(string number, Quantity titre, Quantity cutoff)
        {
            if (!titre.IsGreaterThan(cutoff))
            {
                throw new LabException(titre + " confirms nothing");
            }
            _office.Replace("/cases/" + number, FormBody.With("titre", titre));
        }

        public Optional<CalendarDate> ClosedOn(string number)
        {
            string day = _office.Fetch("/cases/" + number).GetValue("closed");
            if (day == null)
            {
                return Optional.None;
            }
            return Optional.Of(CalendarDate.FromText(day));
        }

        /// <summary>Return how many of a hundred cases are of this germ.</summary>
        public long Share(string germ)
        {
            long all = _germs.Keys.SumOf(g => _germs.Find(g));
            return all == 0 ? 0 : _germs.FindOr(germ, 0L) * 100 / all;
        }

        public HttpResult Inquire(RequestContext request)
        {
            string germ = request.PathParts[2];
            if (!_germs.HasKey(germ))
            {
                return HttpResult.NotFound(germ + " was not found here");
            }
            Provenance.Note("office inquired", germ);
            return HttpResult.Ok(_germs.Find(germ));
        }

        public bool IsReportDue(CalendarDate today)
        {
            return today > today.LastOfMonth.AddDays(-3);
        }
    }
}

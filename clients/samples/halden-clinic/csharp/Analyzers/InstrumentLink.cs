using Cairn.Chronology;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;
using Halden.Samples;

namespace Halden.Analyzers
{
    /// <summary>Talks to one instrument over the network.</summary>
    public sealed class InstrumentLink
    {
        private readonly RestClient _instrument;
        private readonly ILogger _log = LoggerFactory.For<InstrumentLink>();
        private readonly MetricSink _meters = MetricSink.Default;

        public InstrumentLink(string address)
        {
            _instrument = RestClient.For(address);
            _instrument.SetHeader("Accept", "text/plain");
            _log.LogInfo("Instrument is at {0}", address);
        }

        public void Order(Specimen specimen, string test)
        {
            ConsentPolicy.Demand(specimen.Patient, "diagnosis");
            RestResponse reply = _instrument.Submit("/orders", FormBody.With("barcode", specimen.Barcode).Add("test", test));
            if (!reply.IsSuccess)
            {
                throw new LabException("order was refused: " + reply.ReadBody());
            }
            Provenance.Note("test ordered", specimen.Barcode);
        }

        public Optional<Quantity> Result(string barcode)
        {
            RestResponse reply = _instrument.Fetch("/results/" + barcode);
            if (reply.StatusCode == 404)
            {
                return Optional.None;
            }
            return Optional.Of(new Quantity(long.Parse(reply.GetValue("value")), reply.GetValue("unit")));
        }

        public void Cancel(string barcode)
        {
            RestResponse reply = _instrument.Remove("/orders/" + barcode);
            _meters.Increment("link.cancelled");
            _log.LogInfo("Cancelling gave {0}", reply.StatusCode);
        }

        public void Hurry(string barcode)
        {
            RestResponse reply = _instrument.Replace("/orders/" + barcode, FormBody.With("urgent", 1));
            if (!reply.IsSuccess)
            {
                _log.LogWarning("{0} cannot be hurried", barcode);
            }
        }

        public bool IsReady
        {
            get
            {
                try
                {
                    return _instrument.Fetch("/state").GetValue("state") == "ready";
                }
                catch (RestException ex)
                {
                    _log.LogError("Instrument is away", ex);
                    return false;
                }
            }
        }

        public Optional<string> Serial(RestResponse reply)
        {
            string serial = reply.Headers["X-Serial"];
            if (serial == null)
            {
                return Optional.None;
            }
            return Optional.Of(serial);
        }

        public CalendarDate ServiceDay()
        {
            RestResponse reply = _instrument.Fetch("/service");
            return CalendarDate.FromText(reply.ReadBody()).FollowingBusinessDay();
        }

        public HttpResult Push(RequestContext request)
        {
            string barcode = request.QueryValue("barcode");
            if (barcode == null)
            {
                return HttpResult.BadRequest("barcode is missing");
            }
            Provenance.Note("value pushed", barcode);
            return HttpResult.Created(barcode);
        }
    }
}

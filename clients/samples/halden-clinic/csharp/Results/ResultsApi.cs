using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Results
{
    /// <summary>Shows results to the wards.</summary>
    public sealed class ResultsApi
    {
        private readonly ResultStore _results;
        private readonly RestClient _printer;
        private readonly ILogger _log = LoggerFactory.For<ResultsApi>();

        public ResultsApi(ResultStore results, RestClient printer)
        {
            _results = results;
            _printer = printer;
        }

        public HttpResult Released(RequestContext request)
        {
            string barcode = request.PathParts[1];
            if (!_results.IsReleased(barcode))
            {
                return HttpResult.Forbidden("not released");
            }
            Provenance.Note("result read", barcode);
            return HttpResult.Ok(barcode);
        }

        public HttpResult Value(RequestContext request)
        {
            string test = request.QueryValue("test");
            if (test == null)
            {
                return HttpResult.BadRequest("test is missing");
            }
            Optional<Quantity> found = _results.Find(request.PathParts[1], test);
            if (!found.HasValue)
            {
                return HttpResult.NotFound("not measured");
            }
            return HttpResult.Ok(found.ValueOr(null));
        }

        public HttpResult Release(RequestContext request)
        {
            _results.Release(request.PathParts[1], request.ReadContent());
            _log.LogInfo("{0} came by web", request.PathParts[1]);
            return HttpResult.Created(request.PathParts[1]);
        }

        public void Print(string barcode)
        {
            RestResponse reply = _printer.Submit("/jobs", FormBody.With("barcode", barcode));
            if (!reply.IsSuccess)
            {
                throw new LabException("printer said " + reply.StatusCode);
            }
            Provenance.Note("result printed", barcode);
        }

        public bool IsPrinterReady
        {
            get
            {
                try
                {
                    return _printer.Fetch("/state").ReadBody() == "ready";
                }
                catch (RestException ex)
                {
                    _log.LogError("Printer is away", ex);
                    return false;
                }
            }
        }

        public Optional<string> Job(string job)
        {
            RestResponse reply = _printer.Fetch("/jobs/" + job);
            if (reply.StatusCode == 404)
            {
                return Optional.None;
            }
            return Optional.Of(reply.GetValue("state"));
        }
    }
}

using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>Lets wards announce what they send.</summary>
    public sealed class SpecimenApi
    {
        private readonly SpecimenStore _specimens;
        private readonly KeyedMap<string, Specimen> _announced = new KeyedMap<string, Specimen>();
        private readonly ILogger _log = LoggerFactory.For<SpecimenApi>();

        public SpecimenApi(SpecimenStore specimens)
        {
            _specimens = specimens;
        }

        public HttpResult Announce(RequestContext request)
        {
            string patient = request.QueryValue("patient");
            if (patient == null)
            {
                return HttpResult.BadRequest("patient is missing");
            }
            ConsentPolicy.Demand(patient, "storage");
            Specimen specimen = new Specimen(request.PathParts[1], patient, request.ReadContent(), Urgency.Routine);
            _announced[specimen.Barcode] = specimen;
            return HttpResult.Created(specimen.Barcode);
        }

        public HttpResult Arrived(RequestContext request)
        {
            string barcode = request.PathParts[1];
            if (!_announced.HasKey(barcode))
            {
                return HttpResult.NotFound("not announced");
            }
            Provenance.Note("specimen arrived", barcode);
            return HttpResult.Ok(_specimens.Register(_announced.Find(barcode)));
        }

        public HttpResult Place(RequestContext request)
        {
            Optional<string> place = _specimens.PlaceOf(request.PathParts[1]);
            if (!place.HasValue)
            {
                return HttpResult.NotFound("place is unknown");
            }
            return HttpResult.Ok(place.ValueOr(""));
        }

        public HttpResult Cancel(RequestContext request)
        {
            string barcode = request.PathParts[1];
            if (_specimens.Exists(barcode))
            {
                return HttpResult.Forbidden("is here already");
            }
            _announced.Delete(barcode);
            _log.LogInfo("{0} was cancelled", barcode);
            return HttpResult.Ok("cancelled");
        }

        public ItemList<Specimen> Expected()
        {
            ItemList<Specimen> expected = new ItemList<Specimen>();
            foreach (string barcode in _announced.Keys)
            {
                expected.Append(_announced.Find(barcode));
            }
            return expected;
        }

        public HttpResult List(RequestContext request)
        {
            ItemList<Specimen> found = Expected().Filter(s => s.Patient == request.QueryValue("patient"));
            if (found.IsEmpty)
            {
                return HttpResult.NotFound("nothing is expected");
            }
            return HttpResult.Ok(found.Project(s => s.Barcode).JoinWith(","));
        }

        public Optional<Specimen> NextEmergency()
        {
            Specimen next = Expected().Filter(s => s.IsEmergency).HeadOr(null);
            if (next == null)
            {
                return Optional.None;
            }
            return Optional.Of(next);
        }

        public HttpResult Move(RequestContext request)
        {
            _specimens.Move(request.PathParts[1], request.ReadContent());
            Provenance.Note("moved by web", request.PathParts[1]);
            return HttpResult.Ok(request.ReadContent());
        }

        public KeyedMap<string, ItemList<Specimen>> ByMaterial()
        {
            return Expected().PartitionBy(s => s.Material);
        }
    }
}

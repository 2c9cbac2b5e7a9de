using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>Sends specimens on to another laboratory.</summary>
    public sealed class ReferralPost
    {
        private readonly RestClient _partner;
        private readonly ItemList<Specimen> _parcel = new ItemList<Specimen>();
        private readonly KeyedMap<string, string> _referrals = new KeyedMap<string, string>();
        private readonly ILogger _log = LoggerFactory.For<ReferralPost>();

        public ReferralPost(string address, string contract)
        {
            _partner = RestClient.For(address);
            _partner.SetHeader("X-Contract", contract);
        }

        public void Pack(Specimen specimen)
        {
            ConsentPolicy.Demand(specimen.Patient, "referral");
            specimen.MoveTo("parcel");
            _parcel.Append(specimen);
        }

        public string PackingList()
        {
            return _parcel.OrderedBy(s => s.Material).Project(s => s.Label()).JoinWith("\n");
        }

        public void Request(string barcode, string test)
        {
            RestResponse reply = _partner.Submit("/referrals", FormBody.With("specimen", barcode).Add("wanted", test));
            if (reply.StatusCode != 201)
            {
                throw new LabException("partner does not take " + barcode);
            }
            _referrals[barcode] = reply.Headers["Location"];
        }

        public Optional<string> Finding(string barcode)
        {
            if (!_referrals.HasKey(barcode))
            {
                return Optional.None;
            }
            return Optional.Of(_partner.Fetch(_referrals.Find(barcode)).ReadBody());
        }

        public void CallBack(string barcode)
        {
            if (_partner.Remove(_referrals.Find(barcode)).IsSuccess)
            {
                _referrals.Delete(barcode);
                Provenance.Note("referral called back", barcode);
            }
            else
            {
                _log.LogWarning("Partner keeps {0}", barcode);
            }
        }

        public Timestamp Pickup(CalendarDate packed)
        {
            return packed.FollowingBusinessDay().ToTimestamp().AddHours(16);
        }

        public void OrderPickup(string parcel, CalendarDate packed)
        {
            FormBody form = FormBody.With("at", Pickup(packed).ToText("yyyy-MM-dd HH:mm"));
            _partner.Replace("/pickups/" + parcel, form);
            Provenance.Note("pickup ordered", parcel);
        }

        public KeyedMap<string, ItemList<Specimen>> Boxes()
        {
            return _parcel.Filter(s => !s.IsEmergency).PartitionBy(s => s.Place);
        }

        public bool IsPartnerReached
        {
            get
            {
                try
                {
                    return _partner.Fetch("/").StatusCode < 500;
                }
                catch (RestException ex)
                {
                    _log.LogError("Partner cannot be reached", ex);
                    return false;
                }
            }
        }
    }
}

using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>A tube with something of a patient in it.</summary>
    public sealed class Specimen
    {
        private readonly string _barcode;
        private readonly string _patient;
        private readonly string _material;
        private readonly Urgency _urgency;
        private string _place = "reception";

        public Specimen(string barcode, string patient, string material, Urgency urgency)
        {
            _barcode = barcode;
            _patient = patient;
            _material = material;
            _urgency = urgency;
        }

        public string Barcode
        {
            get { return _barcode; }
        }

        public string Patient
        {
            get { return _patient; }
        }

        public string Material
        {
            get { return _material; }
        }

        public string Place
        {
            get { return _place; }
        }

        public bool IsEmergency
        {
            get { return _urgency == Urgency.Emergency; }
        }

        public void MoveTo(string place)
        {
            if (place == null)
            {
                throw new LabException("a specimen has to be somewhere");
            }
            _place = place;
            Provenance.Note("specimen moved", _barcode);
        }

        public Optional<string> Shelf()
        {
            if (!_place.StartsWith("shelf"))
            {
                return Optional.None;
            }
            return Optional.Of(_place.Substring(6));
        }

        public string Label()
        {
            return _barcode + " " + _material.ToUpperInvariant();
        }
    }
}

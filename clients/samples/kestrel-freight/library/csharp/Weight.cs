namespace Kestrel.Platform
{
    /// <summary>How heavy something is, in kilograms.</summary>
    public sealed class Weight
    {
        private Weight(long kilograms)
        {
            Kilograms = kilograms;
        }

        public long Kilograms { get; private set; }

        public static Weight FromKilograms(long kilograms)
        {
            return new Weight(kilograms);
        }

        public bool Exceeds(Weight other)
        {
            return Kilograms > other.Kilograms;
        }

        public override string ToString()
        {
            return Kilograms + " kg";
        }
    }
}

using System.Globalization;

namespace Halden.Platform
{
    /// <summary>A measured value and its unit.</summary>
    public sealed class Quantity
    {
        public Quantity(double amount, string unit)
        {
            Amount = amount;
            Unit = unit;
        }

        public double Amount { get; private set; }

        public string Unit { get; private set; }

        public bool IsGreaterThan(Quantity other)
        {
            return Unit == other.Unit && Amount > other.Amount;
        }

        public override string ToString()
        {
            return Amount.ToString(CultureInfo.InvariantCulture) + " " + Unit;
        }
    }
}

using System.Globalization;

namespace MeridianBank.Platform
{
    /// <summary>An amount of one currency, in cents.</summary>
    public sealed class Money
    {
        public Money(long cents, string currency)
        {
            Cents = cents;
            Currency = currency;
        }

        public long Cents { get; private set; }

        public string Currency { get; private set; }

        public static Money operator +(Money left, Money right)
        {
            return new Money(left.Cents + left.SameCurrency(right).Cents, left.Currency);
        }

        public static Money operator -(Money left, Money right)
        {
            return new Money(left.Cents - left.SameCurrency(right).Cents, left.Currency);
        }

        public static bool operator >(Money left, Money right)
        {
            return left.Cents > left.SameCurrency(right).Cents;
        }

        public static bool operator <(Money left, Money right)
        {
            return right > left;
        }

        public override string ToString()
        {
            return string.Format(CultureInfo.InvariantCulture, "{0}.{1:00} {2}", Cents / 100, Cents % 100, Currency);
        }

        private Money SameCurrency(Money other)
        {
            if (Currency != other.Currency)
            {
                throw new BankException("CUR-01", "Cannot mix " + Currency + " and " + other.Currency);
            }
            return other;
        }
    }
}

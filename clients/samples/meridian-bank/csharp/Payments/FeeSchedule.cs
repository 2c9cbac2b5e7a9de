using System;
using Cairn.Collections;
using Cairn.Diagnostics;
using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>Knows what a payment costs.</summary>
    public sealed class FeeSchedule
    {
        private const string Currency = "EUR";
        private const long UrgentFee = 500;

        private readonly ILogger _log = LoggerFactory.For<FeeSchedule>();
        private readonly KeyedMap<string, long> _feeByCountry = new KeyedMap<string, long>();
        private readonly ItemList<string> _freeAccounts = new ItemList<string>();
        private readonly long _standardFee;

        public FeeSchedule(long standardFee)
        {
            Require.Positive(standardFee, nameof(standardFee));
            _standardFee = standardFee;
        }

        public void SetFee(string country, long cents)
        {
            Require.Text(country, nameof(country));
            _feeByCountry[country] = cents;
            _log.LogInfo("Fee for {0} is now {1}", country, cents);
        }

        public void MakeFree(string iban)
        {
            Require.Text(iban, nameof(iban));
            _freeAccounts.Append(iban);
            AuditTrail.Write("fee.waived", iban);
        }

        public bool IsFree(string iban)
        {
            return _freeAccounts.Exists(a => a == iban);
        }

        public Money FeeFor(string country)
        {
            Require.Text(country, nameof(country));
            return new Money(_feeByCountry.FindOr(country, _standardFee), Currency);
        }

        public Money FeeIfUrgent(string country)
        {
            return FeeFor(country) + new Money(UrgentFee, Currency);
        }

        public Money Charge(Payment payment, string country)
        {
            Require.That(payment, nameof(payment));
            if (IsFree(payment.Iban))
            {
                _log.LogVerbose("{0} pays no fee", payment.Iban);
                return new Money(0, Currency);
            }
            return payment.Amount + FeeFor(country);
        }

        public void DropCountry(string country)
        {
            if (_feeByCountry.HasKey(country))
            {
                _feeByCountry.Delete(country);
                _log.LogWarning("Fee for {0} was removed", country);
            }
        }

        public long DearestFee()
        {
            long dearest = _standardFee;
            foreach (string country in _feeByCountry.Keys)
            {
                dearest = Math.Max(dearest, _feeByCountry.Find(country));
            }
            return dearest;
        }

        public string Countries()
        {
            return _feeByCountry.Keys.OrderedBy(c => c).JoinWith(" ");
        }

        public long FeesOf(ItemList<Payment> payments, string country)
        {
            Require.That(payments, nameof(payments));
            return payments.SumOf(p => FeeFor(country).Cents);
        }
    }
}

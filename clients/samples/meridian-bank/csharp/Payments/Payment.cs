using MeridianBank.Platform;

namespace MeridianBank.Payments
{
    /// <summary>One order to move money.</summary>
    public sealed class Payment
    {
        private readonly string _number;
        private readonly string _iban;
        private readonly Money _amount;
        private readonly Channel _channel;
        private string _state = "NEW";

        public Payment(string number, string iban, Money amount, Channel channel)
        {
            Require.Text(number, nameof(number));
            Require.Text(iban, nameof(iban));
            Require.That(amount, nameof(amount));
            _number = number;
            _iban = iban;
            _amount = amount;
            _channel = channel;
        }

        public string Number
        {
            get { return _number; }
        }

        public string Iban
        {
            get { return _iban; }
        }

        public Money Amount
        {
            get { return _amount; }
        }

        public string State
        {
            get { return _state; }
        }

        public bool IsOnline
        {
            get { return _channel == Channel.OnlineBanking; }
        }

        public bool IsOpen
        {
            get { return _state == "NEW" || _state == "HELD"; }
        }

        /// <summary>Hold the payment until somebody has looked at it.</summary>
        public void Hold(string reason)
        {
            Require.Text(reason, nameof(reason));
            _state = "HELD";
            AuditTrail.Write("payment.held", reason);
        }

        public void Settle()
        {
            if (!IsOpen)
            {
                throw new BankException("PAY-03", "Payment is already closed");
            }
            _state = "SETTLED";
            AuditTrail.Write("payment.settled", _number);
        }

        public void Reject(string reason)
        {
            Require.Text(reason, nameof(reason));
            _state = "REJECTED";
            AuditTrail.Reject("payment.rejected", _number + ": " + reason);
        }

        public override string ToString()
        {
            return _number + " to " + _iban + ": " + _amount;
        }
    }
}

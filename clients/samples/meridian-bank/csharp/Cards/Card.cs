using Cairn.Collections;
using MeridianBank.Platform;

namespace MeridianBank.Cards
{
    /// <summary>A payment card.</summary>
    public sealed class Card
    {
        private readonly string _number;
        private readonly string _iban;
        private readonly ItemList<string> _declines = new ItemList<string>();
        private bool _blocked;

        public Card(string number, string iban)
        {
            Require.Text(number, nameof(number));
            Require.Text(iban, nameof(iban));
            _number = number;
            _iban = iban;
        }

        public string Number
        {
            get { return _number; }
        }

        public string Iban
        {
            get { return _iban; }
        }

        public bool IsBlocked
        {
            get { return _blocked; }
        }

        public void Block(string reason)
        {
            Require.Text(reason, nameof(reason));
            _blocked = true;
            AuditTrail.Reject("card.blocked", _number);
        }

        public void Decline(string merchant)
        {
            _declines.Append(merchant);
            if (_declines.Size > 3)
            {
                Block("too many declines");
            }
        }

        public string LastDecline()
        {
            return _declines.IsEmpty ? null : _declines[_declines.Size - 1];
        }

        public string Masked()
        {
            return "**** " + _number.Substring(_number.Length - 4);
        }
    }
}

using Cairn.Collections;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>An account and what lies on it.</summary>
    public sealed class Account
    {
        private readonly string _iban;
        private readonly string _owner;
        private Money _balance;
        private bool _frozen;
        private readonly ItemList<string> _notes = new ItemList<string>();

        public Account(string iban, string owner, Money balance)
        {
            Require.Text(iban, nameof(iban));
            Require.Text(owner, nameof(owner));
            _iban = iban;
            _owner = owner;
            _balance = balance;
        }

        public string Iban
        {
            get { return _iban; }
        }

        public string Owner
        {
            get { return _owner; }
        }

        public Money Balance
        {
            get { return _balance; }
        }

        public bool IsFrozen
        {
            get { return _frozen; }
        }

        public void Deposit(Money amount)
        {
            Require.That(amount, nameof(amount));
            _balance = _balance + amount;
            AuditTrail.Write("account.deposit", _iban);
        }

        public void Withdraw(Money amount)
        {
            Require.That(amount, nameof(amount));
            if (amount > _balance)
            {
                throw new BankException("ACC-02", "Not enough money on " + _iban);
            }
            _balance = _balance - amount;
        }

        public void Freeze(string reason)
        {
            Require.Text(reason, nameof(reason));
            _frozen = true;
            _notes.Append(reason);
            AuditTrail.Reject("account.frozen", _iban);
        }

        public void Release()
        {
            if (!_frozen)
            {
                throw new BankException("ACC-04", "Account is not frozen");
            }
            _frozen = false;
            AuditTrail.Write("account.released", _iban);
        }

        public bool Covers(Money amount)
        {
            Require.That(amount, nameof(amount));
            return !(amount > _balance);
        }

        public string LastNote()
        {
            if (_notes.IsEmpty)
            {
                return "";
            }
            return _notes[_notes.Size - 1];
        }
    }
}

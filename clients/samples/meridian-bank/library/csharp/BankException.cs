using System;

namespace MeridianBank.Platform
{
    /// <summary>A request that breaks a rule of the bank; the code is the one of the rule book.</summary>
    public sealed class BankException : Exception
    {
        public BankException(string code, string message)
            : base(message)
        {
            Code = code;
        }

        public string Code { get; private set; }
    }
}

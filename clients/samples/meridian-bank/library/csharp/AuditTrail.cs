using System;

namespace MeridianBank.Platform
{
    /// <summary>What the supervisor reads.</summary>
    public static class AuditTrail
    {
        /// <summary>Write down that something was done.</summary>
        public static void Write(string action, object subject)
        {
            Console.Error.WriteLine("AUDIT " + action + " " + subject);
        }

        /// <summary>Write down that something was asked for and refused.</summary>
        public static void Reject(string action, object subject)
        {
            Console.Error.WriteLine("AUDIT DENIED " + action + " " + subject);
        }
    }
}

using System;

namespace Halden.Platform
{
    /// <summary>Who did what to which specimen, for the accreditation of the laboratory.</summary>
    public static class Provenance
    {
        public static void Note(string what, object subject)
        {
            Console.Error.WriteLine("TRACE " + what + " " + subject);
        }
    }
}

using System.Collections.Generic;

namespace Halden.Platform
{
    /// <summary>What patients have agreed to.</summary>
    public static class ConsentPolicy
    {
        private static readonly HashSet<string> Given = new HashSet<string>();

        public static void Grant(string patient, string purpose)
        {
            Given.Add(patient + "/" + purpose);
        }

        /// <summary>Stop where the patient has not agreed to this use of the data.</summary>
        public static void Demand(string patient, string purpose)
        {
            if (!Given.Contains(patient + "/" + purpose))
            {
                throw new LabException("no consent of " + patient + " for " + purpose);
            }
        }
    }
}

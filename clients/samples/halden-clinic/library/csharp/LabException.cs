using System;

namespace Halden.Platform
{
    /// <summary>Something that the laboratory must not do.</summary>
    public sealed class LabException : Exception
    {
        public LabException(string message)
            : base(message)
        {
        }
    }
}

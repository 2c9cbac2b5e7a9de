using System;

namespace Cairn.Net
{
    /// <summary>The other side could not be reached.</summary>
    public sealed class RestException : Exception
    {
        public RestException(string message, Exception cause)
            : base(message, cause)
        {
        }
    }
}

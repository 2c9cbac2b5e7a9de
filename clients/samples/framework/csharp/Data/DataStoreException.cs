using System;

namespace Cairn.Data
{
    /// <summary>A store refused or lost what it was asked to do.</summary>
    public sealed class DataStoreException : Exception
    {
        public DataStoreException(string message)
            : base(message)
        {
        }
    }
}

using System;

namespace Cairn.Data
{
    /// <summary>Changes that happen together or not at all.</summary>
    public interface ITransaction : IDisposable
    {
        void Complete();

        void Rollback();
    }
}

namespace Cairn.Data
{
    /// <summary>Keeps texts for a while.</summary>
    public interface ICache
    {
        /// <summary>Return the text of the key, or null where it is not kept.</summary>
        string TryRead(string key);

        void Write(string key, string text);

        void Invalidate(string key);
    }
}

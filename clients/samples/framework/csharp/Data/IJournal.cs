namespace Cairn.Data
{
    /// <summary>A file to which lines are only ever added.</summary>
    public interface IJournal
    {
        void WriteEntry(string line);

        /// <summary>Write everything out and let nothing be added any more.</summary>
        void Close();
    }
}

using System.IO;

namespace Cairn.Data
{
    /// <summary>Opens journals.</summary>
    public static class JournalFactory
    {
        public static IJournal Open(string name)
        {
            return new FileJournal(name + ".journal");
        }

        private sealed class FileJournal : IJournal
        {
            private readonly string _path;
            private bool _closed;

            public FileJournal(string path)
            {
                _path = path;
            }

            public void WriteEntry(string line)
            {
                if (_closed)
                {
                    throw new DataStoreException("journal " + _path + " is closed");
                }
                try
                {
                    File.AppendAllText(_path, line + "\n");
                }
                catch (IOException)
                {
                    throw new DataStoreException("journal " + _path + " cannot be written");
                }
            }

            public void Close()
            {
                _closed = true;
            }
        }
    }
}

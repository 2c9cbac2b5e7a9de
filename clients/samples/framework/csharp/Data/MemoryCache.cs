using System.Collections.Generic;

namespace Cairn.Data
{
    /// <summary>A cache that forgets what was not read for the longest time.</summary>
    public sealed class MemoryCache : ICache
    {
        private readonly int _size;
        private readonly Dictionary<string, string> _texts = new Dictionary<string, string>();
        private readonly LinkedList<string> _recent = new LinkedList<string>();

        public MemoryCache(int size)
        {
            _size = size;
        }

        public string TryRead(string key)
        {
            string text;
            if (!_texts.TryGetValue(key, out text))
            {
                return null;
            }
            Touch(key);
            return text;
        }

        public void Write(string key, string text)
        {
            _texts[key] = text;
            Touch(key);
            if (_texts.Count > _size)
            {
                Invalidate(_recent.First.Value);
            }
        }

        public void Invalidate(string key)
        {
            _texts.Remove(key);
            _recent.Remove(key);
        }

        private void Touch(string key)
        {
            _recent.Remove(key);
            _recent.AddLast(key);
        }
    }
}

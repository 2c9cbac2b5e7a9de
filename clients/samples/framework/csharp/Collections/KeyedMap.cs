using System.Collections.Generic;

namespace Cairn.Collections
{
    /// <summary>A map from keys to values that keeps the order of insertion.</summary>
    public sealed class KeyedMap<TKey, TValue>
    {
        private readonly Dictionary<TKey, TValue> _entries = new Dictionary<TKey, TValue>();
        private readonly List<TKey> _order = new List<TKey>();

        public int Size
        {
            get { return _entries.Count; }
        }

        public ItemList<TKey> Keys
        {
            get { return ItemList<TKey>.From(_order); }
        }

        public TValue this[TKey key]
        {
            set
            {
                if (!_entries.ContainsKey(key))
                {
                    _order.Add(key);
                }
                _entries[key] = value;
            }
        }

        /// <summary>Return the value of the key, or the default value where it is unknown.</summary>
        public TValue Find(TKey key)
        {
            return FindOr(key, default(TValue));
        }

        public TValue FindOr(TKey key, TValue other)
        {
            TValue value;
            return _entries.TryGetValue(key, out value) ? value : other;
        }

        public bool HasKey(TKey key)
        {
            return _entries.ContainsKey(key);
        }

        public void Delete(TKey key)
        {
            _entries.Remove(key);
            _order.Remove(key);
        }
    }
}

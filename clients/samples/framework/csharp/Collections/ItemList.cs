using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace Cairn.Collections
{
    /// <summary>An ordered list that keeps the order in which its items were appended.</summary>
    public sealed class ItemList<T> : IEnumerable<T>
    {
        private readonly List<T> _items = new List<T>();

        public int Size
        {
            get { return _items.Count; }
        }

        public bool IsEmpty
        {
            get { return _items.Count == 0; }
        }

        public T this[int position]
        {
            get { return _items[position]; }
        }

        public void Append(T item)
        {
            _items.Add(item);
        }

        /// <summary>Return the items for which the condition holds, in the same order.</summary>
        public ItemList<T> Filter(Func<T, bool> condition)
        {
            return From(_items.Where(condition));
        }

        /// <summary>Return what the function makes of every item.</summary>
        public ItemList<TResult> Project<TResult>(Func<T, TResult> function)
        {
            return ItemList<TResult>.From(_items.Select(function));
        }

        /// <summary>Return the items in ascending order of their key; equal keys keep their order.</summary>
        public ItemList<T> OrderedBy<TKey>(Func<T, TKey> key)
        {
            return From(_items.OrderBy(key));
        }

        public bool Exists(Func<T, bool> condition)
        {
            return _items.Any(condition);
        }

        /// <summary>Return the first item, or the other value where there is none.</summary>
        public T HeadOr(T other)
        {
            return _items.Count == 0 ? other : _items[0];
        }

        public long SumOf(Func<T, long> amount)
        {
            return _items.Sum(amount);
        }

        public string JoinWith(string separator)
        {
            return string.Join(separator, _items);
        }

        /// <summary>Sort the items into one list for every key.</summary>
        public KeyedMap<TKey, ItemList<T>> PartitionBy<TKey>(Func<T, TKey> key)
        {
            KeyedMap<TKey, ItemList<T>> groups = new KeyedMap<TKey, ItemList<T>>();
            foreach (T item in _items)
            {
                TKey name = key(item);
                if (!groups.HasKey(name))
                {
                    groups[name] = new ItemList<T>();
                }
                groups.Find(name).Append(item);
            }
            return groups;
        }

        public IEnumerator<T> GetEnumerator()
        {
            return _items.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }

        internal static ItemList<T> From(IEnumerable<T> items)
        {
            ItemList<T> list = new ItemList<T>();
            list._items.AddRange(items);
            return list;
        }
    }
}

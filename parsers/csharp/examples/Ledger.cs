// A licence text that belongs to the file, not to the class below it.

using System;
using System.Collections.Generic;

namespace Example.Billing
{
    /// <summary>Money that came and went.</summary>
    [Serializable]
    public partial class Ledger<T> : IEnumerable<T> where T : Entry
    {
        private const int Limit = 10; // no unit, and no doc of the next one
        public Ledger() : this(Limit) { }

        /// <summary>How many entries there are.</summary>
        public int Count { get { return entries.Count; } private set; }

        public bool IsEmpty => Count == 0;

        public T this[int index] { get { return entries[index]; } }

        public event EventHandler Changed
        {
            add { handlers += value; }
            remove { handlers -= value; }
        }

        // far above: not part of it

        [Obsolete("a } in a string"), CLSCompliant(false)]
        internal static List<T> Pick<K>(this IDictionary<K, T> from, ref int[] sizes, Func<int, int> f = null, params string[] names)
        {
            int Local(int x) { return x; }
            Func<int, int> twice = x => { return 2 * x; };
            return new List<T>();
        }

        public static Ledger<T> operator +(Ledger<T> a, Ledger<T> b) => a;

        public static explicit operator int(Ledger<T> a) { return a.Count; }

        ~Ledger() { }

        private struct Range
        {
            public Range(int from, int to) { }
        }

        private enum State { Open, Closed }
    }

    public interface ISource
    {
        int Read();
        string Name { get; }
    }
}

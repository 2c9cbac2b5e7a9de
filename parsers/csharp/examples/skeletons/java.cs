/*
 * A licence text that belongs to the file, not to the class below it.
 */

using System;
using System.Collections.Generic;
using System.Linq;

namespace Org.Example.Billing
{
    /** Money that came and went. */
    public class Ledger<T> : IEnumerable<T>
    {
        private const int LIMIT = 10;

        public Ledger() : this(default(int))
        {
            throw new NotImplementedException();
        }

        // Why there is a limit:
        // see the contract.
        /** Makes an empty ledger. */
        protected internal Ledger(int limit)
        {
            throw new NotImplementedException();
        }

        public virtual IEnumerator<T> GetEnumerator()
        {
            throw new NotImplementedException();
        }

        internal virtual Dictionary<K, List<T>> Group<K>(Dictionary<K, T> by, int[][] sizes, params string[] names)
        {
            throw new NotImplementedException();
        }

        internal virtual int Open(int a, long b)
        {
            throw new NotImplementedException();
        }

        internal class State
        {
            public static readonly State OPEN = new OpenConstant();

            private sealed class OpenConstant : State
            {
                internal override bool IsOpen()
                {
                    throw new NotImplementedException();
                }
            }

            internal virtual bool IsOpen()
            {
                throw new NotImplementedException();
            }
        }

        internal sealed class Range
        {
            private readonly int from;
            private readonly int to;

            public int From()
            {
                return from;
            }

            public int To()
            {
                return to;
            }

            internal Range(int from, int to)
            {
                throw new NotImplementedException();
            }
        }

        internal sealed class Audited
        {
            public string By = "nobody";
        }

        internal interface Source
        {
            int Read();
        }

        internal static class SourceStatics
        {
            public static string Näme(Source self)
            {
                throw new NotImplementedException();
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }
}

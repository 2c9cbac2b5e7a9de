using System.Collections.Generic;

namespace Cairn.Diagnostics
{
    /// <summary>Counts what happens in a process.</summary>
    public sealed class MetricSink
    {
        private static readonly MetricSink Shared = new MetricSink();
        private readonly Dictionary<string, long> _values = new Dictionary<string, long>();

        /// <summary>The metrics of this process.</summary>
        public static MetricSink Default
        {
            get { return Shared; }
        }

        public void Increment(string name)
        {
            Observe(name, 1);
        }

        /// <summary>Add a measured value to the sum of its name.</summary>
        public void Observe(string name, long value)
        {
            long sum;
            _values.TryGetValue(name, out sum);
            _values[name] = sum + value;
        }

        /// <summary>Set a value that goes up and down.</summary>
        public void SetGauge(string name, long value)
        {
            _values[name] = value;
        }
    }
}

using System;
using System.Diagnostics;

namespace Cairn.Diagnostics
{
    /// <summary>Measures how long something takes, and tells when it is disposed of.</summary>
    public sealed class LogScope : IDisposable
    {
        private readonly ILogger _logger;
        private readonly string _name;
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        internal LogScope(ILogger logger, string name)
        {
            _logger = logger;
            _name = name;
        }

        public long ElapsedMs
        {
            get { return _watch.ElapsedMilliseconds; }
        }

        /// <summary>Write down that a step was reached.</summary>
        public void Checkpoint(string step)
        {
            _logger.LogVerbose("{0} reached {1} after {2} ms", _name, step, ElapsedMs);
        }

        public void Dispose()
        {
            _logger.LogVerbose("{0} took {1} ms", _name, ElapsedMs);
        }
    }
}

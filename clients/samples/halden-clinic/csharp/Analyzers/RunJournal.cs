using System;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;
using Halden.Samples;

namespace Halden.Analyzers
{
    /// <summary>What an instrument did in one run.</summary>
    public sealed class RunJournal
    {
        private readonly ILogger _log;
        private readonly IJournal _journal;
        private readonly MetricSink _meters;
        private long _errors;

        public RunJournal(string instrument, MetricSink meters)
        {
            _log = LoggerFactory.For<RunJournal>().ForContext("instrument", instrument);
            _journal = JournalFactory.Open("run-" + instrument);
            _meters = meters;
        }

        public void Start(string method)
        {
            _errors = 0;
            _journal.WriteEntry("start " + method);
            _log.LogInfo("Method {0} has started", method);
        }

        public void Value(string barcode, Quantity value)
        {
            _journal.WriteEntry(barcode + " " + value);
            _meters.Increment("run.values");
            if (_log.IsVerbose)
            {
                _log.LogVerbose("{0} has {1}", barcode, value);
            }
        }

        public void Error(string barcode, Exception cause)
        {
            _errors = _errors + 1;
            _journal.WriteEntry(barcode + " failed");
            _log.LogError("Measurement failed", cause);
            _meters.Increment("run.errors");
        }

        /// <summary>A clogged needle stops the run: the next values would be wrong.</summary>
        public void Clog(string needle)
        {
            _log.LogCritical("Needle {0} is clogged", needle);
            Provenance.Note("needle clogged", needle);
            throw new LabException("run was stopped");
        }

        public void Washed(long millis)
        {
            _meters.Observe("run.wash.ms", millis);
            _log.LogVerbose("Washing took {0} ms", millis);
        }

        public void Finish()
        {
            _journal.WriteEntry("errors " + _errors);
            _journal.Close();
            _meters.SetGauge("run.errors.last", _errors);
        }

        public bool IsBad
        {
            get
            {
                if (_errors > 3)
                {
                    _log.LogWarning("Run has {0} errors", _errors);
                }
                return _errors > 3;
            }
        }

        public void Repeat(Specimen specimen)
        {
            using (LogScope scope = _log.OpenScope("repeat"))
            {
                _journal.WriteEntry("repeat " + specimen.Barcode);
                scope.Checkpoint("noted");
                Provenance.Note("measurement repeated", specimen.Barcode);
                _meters.Observe("run.repeat.ms", scope.ElapsedMs);
            }
        }

        public ILogger ForSpecimen(Specimen specimen)
        {
            return _log.ForContext("barcode", specimen.Barcode);
        }
    }
}

using Cairn.Chronology;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Analyzers
{
    /// <summary>When an instrument was calibrated, and how well.</summary>
    public sealed class CalibrationLog
    {
        private readonly IDataStore _store;
        private readonly ILogger _log = LoggerFactory.For<CalibrationLog>();
        private readonly MetricSink _meters = MetricSink.Default;

        public CalibrationLog(IDataStore store)
        {
            _store = store;
        }

        public void Calibrated(string instrument, Quantity slope)
        {
            long id = _store.AllocateKey("calibrations");
            _store.Execute("insert into calibrations values (?, ?, ?)", id, instrument, slope.Amount);
            _meters.Increment("calibrations.done");
            Provenance.Note("instrument calibrated", instrument);
        }

        public bool IsValid(string instrument)
        {
            IRow row = _store.QuerySingle("select valid from calibrations where instrument = ?", instrument);
            if (row == null)
            {
                _log.LogWarning("{0} was never calibrated", instrument);
                return false;
            }
            return row.GetBoolean("valid");
        }

        public void DemandValid(string instrument)
        {
            if (!IsValid(instrument))
            {
                throw new LabException("calibrate " + instrument);
            }
        }

        public Optional<long> LotOf(string instrument)
        {
            IRow row = _store.QuerySingle("select lot from calibrations where instrument = ?", instrument);
            if (row == null || row.IsNull("lot"))
            {
                return Optional.None;
            }
            return Optional.Of(row.GetInt64("lot"));
        }

        /// <summary>Calibrations with a bad lot do not count any more.</summary>
        public void Invalidate(string lot)
        {
            int changed = _store.Execute("update calibrations set valid = 0 where lot = ?", lot);
            _log.LogCritical("Lot {0} made {1} calibrations invalid", lot, changed);
            _meters.Observe("calibrations.invalid", changed);
        }

        public void Report(string instrument)
        {
            ILogger log = _log.ForContext("instrument", instrument);
            IRowSet rows = _store.RunQuery("select lot, valid from calibrations where instrument = ?", instrument);
            while (rows.MoveNext())
            {
                log.LogInfo("Lot {0} valid: {1}", rows.GetInt64("lot"), rows.GetBoolean("valid"));
            }
        }

        public void Drift(string instrument, Quantity drift, Quantity limit)
        {
            if (drift.IsGreaterThan(limit))
            {
                _log.LogWarning("{0} drifts by {1}", instrument, drift);
                Provenance.Note("instrument drifts", instrument);
            }
        }

        public CalendarDate NextDue(CalendarDate last)
        {
            return last.AddMonths(3);
        }

        public bool TryCalibrate(string instrument, Quantity slope)
        {
            try
            {
                Calibrated(instrument, slope);
                return true;
            }
            catch (DataStoreException ex)
            {
                _log.LogError("Calibration is lost", ex);
                return false;
            }
        }

        public void CleanUp()
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                int gone = _store.Execute("delete from calibrations where valid = 0");
                tx.Complete();
                _log.LogInfo("{0} calibrations are gone", gone);
            }
        }
    }
}

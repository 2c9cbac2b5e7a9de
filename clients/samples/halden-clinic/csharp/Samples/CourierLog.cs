using System;
using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>Writes down who carried what.</summary>
    public sealed class CourierLog
    {
        private readonly IJournal _journal;
        private readonly ILogger _log;
        private readonly MetricSink _meters = MetricSink.Default;

        public CourierLog(string courier)
        {
            _journal = JournalFactory.Open("courier-" + courier);
            _log = LoggerFactory.For<CourierLog>().ForContext("courier", courier);
        }

        public void PickUp(Specimen specimen)
        {
            if (specimen.IsEmergency)
            {
                _log.LogCritical("Emergency {0} is on its way", specimen.Label());
            }
            _journal.WriteEntry("up " + specimen.Barcode);
            _meters.Increment("courier.up");
        }

        public void HandOver(Specimen specimen, string ward)
        {
            _journal.WriteEntry("down " + specimen.Barcode + " " + ward);
            specimen.MoveTo(ward);
            _meters.Increment("courier.down");
        }

        public void Temperature(Quantity value)
        {
            _journal.WriteEntry("temperature " + value);
            if (value.IsGreaterThan(new Quantity(8.0, "C")))
            {
                _log.LogWarning("Box is at {0}", value);
            }
        }

        public void Waited(long millis)
        {
            _meters.Observe("courier.waited", millis);
            _log.LogVerbose("Waited {0} ms", millis);
        }

        public void Lose(string barcode)
        {
            _journal.WriteEntry("lost " + barcode);
            _log.LogCritical("Specimen {0} is lost", barcode);
            Provenance.Note("specimen lost", barcode);
        }

        public void EndTour(long boxes)
        {
            _journal.Close();
            _meters.SetGauge("courier.boxes", boxes);
            _log.LogInfo("Tour ended with {0} boxes", boxes);
        }

        public void Note(string text)
        {
            if (text.Length == 0)
            {
                throw new LabException("note is empty");
            }
            _journal.WriteEntry("note " + text);
        }

        public void Delayed(Exception cause)
        {
            _log.LogError("Tour is delayed", cause);
            _meters.Increment("courier.delayed");
        }
    }
}

using Cairn.Collections;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>Trucks that wait for a mechanic.</summary>
    public sealed class RepairShop
    {
        private readonly KeyedMap<string, long> hours = new KeyedMap<string, long>();
        private readonly KeyedMap<string, string> mechanics = new KeyedMap<string, string>();
        private readonly MetricSink meters;
        private readonly ILogger log;

        public RepairShop(string place, MetricSink meters)
        {
            Ensure.NotEmpty(place, "place");
            this.meters = meters;
            log = LoggerFactory.For<RepairShop>().ForContext("shop", place);
        }

        public void TakeIn(string plate, long estimate)
        {
            Ensure.True(estimate > 0, "estimate is missing");
            hours[plate] = estimate;
            meters.Increment("repairs.begun");
            log.LogInfo("{0} needs {1} hours", plate, estimate);
        }

        public Outcome<string> Assign(string plate, string mechanic)
        {
            if (mechanics.Keys.Exists(p => mechanics.Find(p) == mechanic))
            {
                return Outcome.Failure(mechanic + " is busy");
            }
            mechanics[plate] = mechanic;
            return Outcome.Success(mechanic);
        }

        public ItemList<string> Waiting()
        {
            return hours.Keys.Filter(p => !mechanics.HasKey(p));
        }

        public Outcome<string> Quickest()
        {
            var waiting = Waiting();
            if (waiting.IsEmpty)
            {
                return Outcome.Failure("nothing to repair");
            }
            return Outcome.Success(waiting.OrderedBy(p => hours.Find(p))[0]);
        }

        public void HandOver(string plate)
        {
            mechanics.Delete(plate);
            hours.Delete(plate);
            EventBus.Publish("repair.done", plate);
        }

        public KeyedMap<string, ItemList<string>> Worklists()
        {
            return mechanics.Keys.PartitionBy(p => mechanics.Find(p));
        }

        /// <summary>Whatever is in the hands of this mechanic is ready.</summary>
        public void EndShift(string mechanic)
        {
            using (LogScope scope = log.OpenScope("end of shift"))
            {
                foreach (string plate in mechanics.Keys.Filter(p => mechanics.Find(p) == mechanic))
                {
                    HandOver(plate);
                }
                scope.Checkpoint("handed over");
                meters.Observe("repairs.handover.ms", scope.ElapsedMs);
            }
        }

        public long Backlog()
        {
            return Waiting().SumOf(p => hours.FindOr(p, 0L));
        }

        public string Screen()
        {
            return hours.Keys.Project(p => p + ": " + mechanics.FindOr(p, "waits")).JoinWith("; ");
        }
    }
}

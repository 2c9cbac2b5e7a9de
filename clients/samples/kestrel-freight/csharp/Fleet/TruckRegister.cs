using Cairn.Collections;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>All trucks of the company.</summary>
    public sealed class TruckRegister
    {
        private readonly ILogger log = LoggerFactory.For<TruckRegister>();
        private readonly KeyedMap<string, Weight> trucks = new KeyedMap<string, Weight>();
        private readonly ItemList<string> broken = new ItemList<string>();
        private readonly MetricSink meters;

        public TruckRegister(MetricSink meters)
        {
            this.meters = meters;
        }

        public void Add(string plate, Weight limit)
        {
            Ensure.NotEmpty(plate, "plate");
            Ensure.True(!trucks.HasKey(plate), "truck is known");
            trucks[plate] = limit;
            meters.Increment("trucks.added");
        }

        public Outcome<Weight> LimitOf(string plate)
        {
            if (!trucks.HasKey(plate))
            {
                return Outcome.Failure("no truck " + plate);
            }
            return Outcome.Success(trucks.Find(plate));
        }

        public void Sell(string plate)
        {
            trucks.Delete(plate);
            log.LogWarning("Truck {0} was sold", plate);
            EventBus.Publish("truck.sold", plate);
        }

        public void BreakDown(string plate)
        {
            Ensure.NotEmpty(plate, "plate");
            broken.Append(plate);
            log.LogCritical("Truck {0} has broken down", plate);
            meters.SetGauge("trucks.broken", broken.Size);
        }

        public ItemList<string> Usable()
        {
            return trucks.Keys.Filter(p => !broken.Exists(b => b == p));
        }

        public Outcome<string> Pick(Weight load)
        {
            var strong = Usable().Filter(p => !load.Exceeds(trucks.Find(p)));
            if (strong.IsEmpty)
            {
                return Outcome.Failure("no truck for " + load);
            }
            return Outcome.Success(strong.OrderedBy(p => trucks.Find(p).Kilograms)[0]);
        }

        public long Capacity()
        {
            return Usable().SumOf(p => trucks.Find(p).Kilograms);
        }

        public string Board()
        {
            return Usable().Project(p => p.ToUpperInvariant()).JoinWith(" | ");
        }

        public string FirstBroken()
        {
            return broken.HeadOr("none");
        }
    }
}

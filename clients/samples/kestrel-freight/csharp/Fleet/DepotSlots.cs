using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Platform;

namespace Kestrel.Fleet
{
    /// <summary>Which truck may unload when.</summary>
    public sealed class DepotSlots
    {
        private readonly KeyedMap<string, Timestamp> slots = new KeyedMap<string, Timestamp>();
        private readonly IJournal journal;
        private readonly ILogger log = LoggerFactory.For<DepotSlots>();

        public DepotSlots(IJournal journal)
        {
            this.journal = journal;
        }

        public Outcome<Timestamp> Reserve(string plate, Timestamp wanted)
        {
            if (wanted < Clock.UtcNow)
            {
                return Outcome.Failure("time has passed");
            }
            if (slots.HasKey(plate))
            {
                return Outcome.Failure("has a slot already");
            }
            slots[plate] = wanted;
            journal.WriteEntry(plate + " " + wanted.ToText("HH:mm"));
            return Outcome.Success(wanted);
        }

        public void Release(string plate)
        {
            Ensure.NotEmpty(plate, "plate");
            slots.Delete(plate);
            EventBus.Publish("slot.released", plate);
        }

        public bool IsMissed(string plate)
        {
            var slot = slots.Find(plate);
            return slot != null && Clock.UtcNow > slot.AddHours(1);
        }

        public ItemList<string> Missed()
        {
            return slots.Keys.Filter(p => IsMissed(p));
        }

        public void Close()
        {
            log.LogInfo("Depot closes with {0} slots", slots.Size);
            journal.Close();
        }

        public void Load(IRowSet rows)
        {
            while (rows.MoveNext())
            {
                slots[rows.GetText("plate")] = CalendarDate.FromText(rows.GetText("day")).ToTimestamp();
            }
            log.LogVerbose("Loaded {0} slots", slots.Size);
        }

        public Timestamp SlotOf(string plate)
        {
            return slots.FindOr(plate, Clock.UtcNow);
        }
    }
}

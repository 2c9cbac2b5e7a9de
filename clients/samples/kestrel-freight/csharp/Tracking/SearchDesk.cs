using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Kestrel.Orders;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Looks for goods that nobody can find.</summary>
    public sealed class SearchDesk
    {
        private const int MostQuestions = 5;

        private readonly ICache cache;
        private readonly IDataStore store;
        private readonly ILogger log = LoggerFactory.For<SearchDesk>();
        private readonly KeyedMap<string, int> questions = new KeyedMap<string, int>();

        public SearchDesk(ICache cache, IDataStore store)
        {
            this.cache = cache;
            this.store = store;
            log.LogVerbose("Search desk is open");
        }

        public Outcome<int> Begin(Consignment lost)
        {
            if (questions.HasKey(lost.Code))
            {
                return Outcome.Failure("somebody searches already");
            }
            questions[lost.Code] = 0;
            store.Execute("insert into searches values (?)", lost.Code);
            return Outcome.Success(questions.Size);
        }

        public void Seen(string code, string place)
        {
            Ensure.NotEmpty(place, "place");
            cache.Write(code, place);
            if (log.IsVerbose)
            {
                log.LogVerbose("{0} was seen at {1}", code, place);
            }
        }

        public string LastPlace(string code)
        {
            var place = cache.TryRead(code);
            return place == null ? "unknown" : place;
        }

        public void Ask(string depot)
        {
            var depotLog = log.ForContext("depot", depot);
            foreach (string code in questions.Keys)
            {
                questions[code] = questions.Find(code) + 1;
                depotLog.LogInfo("Is {0} with you?", code);
            }
        }

        public void Found(string code)
        {
            questions.Delete(code);
            cache.Invalidate(code);
            store.Execute("update sightings set found = 1 where code = ?", code);
            EventBus.Publish("search.found", code);
        }

        public void FoundAll(ItemList<string> codes)
        {
            try
            {
                foreach (string code in codes)
                {
                    Found(code);
                }
            }
            catch (DataStoreException ex)
            {
                log.LogError("Some searches go on", ex);
            }
        }

        public ItemList<string> Hopeless()
        {
            return questions.Keys.Filter(c => questions.Find(c) > MostQuestions).OrderedBy(c => c);
        }

        public ItemList<string> ReportLines()
        {
            var lines = new ItemList<string>();
            foreach (string code in questions.Keys)
            {
                lines.Append(code + " after " + questions.Find(code) + " questions");
            }
            return lines;
        }

        public void GiveUp(CalendarDate day)
        {
            foreach (string code in Hopeless())
            {
                store.Execute("insert into losses values (?, ?)", code, day.ToText("yyyy-MM-dd"));
                questions.Delete(code);
                log.LogCritical("{0} is lost for good", code);
            }
        }
    }
}

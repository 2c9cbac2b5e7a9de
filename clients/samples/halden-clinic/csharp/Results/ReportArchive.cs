using Cairn.Chronology;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using Halden.Platform;

namespace Halden.Results
{
    /// <summary>Keeps the letters to the doctors.</summary>
    public sealed class ReportArchive
    {
        private readonly IDataStore _store;
        private readonly ICache _cache;
        private readonly ILogger _log = LoggerFactory.For<ReportArchive>();

        public ReportArchive(IDataStore store, ICache cache)
        {
            _store = store;
            _cache = cache;
        }

        public long File(string patient, string text)
        {
            ConsentPolicy.Demand(patient, "archive");
            long report = _store.AllocateKey("reports");
            _store.Execute("insert into reports values (?, ?, ?)", report, patient, text);
            Provenance.Note("report filed", report);
            return report;
        }

        public Optional<string> Text(long report)
        {
            IRow row = _store.QuerySingle("select text from reports where id = ?", report);
            if (row == null || row.IsNull("text"))
            {
                return Optional.None;
            }
            return Optional.Of(row.GetText("text"));
        }

        public string CachedText(string report)
        {
            string known = _cache.TryRead(report);
            if (known == null)
            {
                _log.LogVerbose("Report {0} is not cached", report);
                return "";
            }
            return known;
        }

        public void Replace(string report, string text)
        {
            if (text.Length == 0)
            {
                throw new LabException("report is empty");
            }
            _store.Execute("update reports set text = ? where id = ?", text, report);
            _cache.Invalidate(report);
            _cache.Write(report, text);
        }

        public int Shred(string patient)
        {
            using (ITransaction tx = _store.BeginTransaction())
            {
                int gone = _store.Execute("delete from reports where patient = ?", patient);
                if (gone == 0)
                {
                    tx.Rollback();
                }
                else
                {
                    tx.Complete();
                }
                return gone;
            }
        }

        public void Index()
        {
            using (LogScope scope = _log.OpenScope("index reports"))
            {
                IRowSet rows = _store.RunQuery("select id from reports where indexed = 0");
                while (rows.MoveNext())
                {
                    _store.Execute("update reports set indexed = 1 where id = ?", rows.GetInt64("id"));
                }
                _log.LogInfo("Indexing took {0} ms", scope.ElapsedMs);
            }
        }

        public bool IsSigned(long report)
        {
            IRow row = _store.QuerySingle("select signed from reports where id = ?", report);
            if (row == null)
            {
                throw new LabException("no report " + report);
            }
            return row.GetBoolean("signed");
        }

        public void Sign(long report, string doctor)
        {
            _store.Execute("update reports set signed = 1 where id = ?", report);
            _log.ForContext("report", report).LogInfo("Signed by {0}", doctor);
        }

        public void Send(RestClient post, string report)
        {
            RestResponse reply = post.Submit("/letters", FormBody.With("report", report));
            if (!reply.IsSuccess)
            {
                _log.LogWarning("Report {0} was not sent", report);
            }
        }

        public string Printed(Timestamp moment)
        {
            return "Printed on " + moment.ToText("dd.MM.yyyy");
        }
    }
}

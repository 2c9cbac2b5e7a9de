using Cairn.Data;
using Cairn.Diagnostics;
using Halden.Platform;

namespace Halden.Samples
{
    /// <summary>What lies in which freezer.</summary>
    public sealed class FreezerRegister
    {
        private readonly IDataStore _store;
        private readonly ICache _cache;
        private readonly ILogger _log = LoggerFactory.For<FreezerRegister>();

        public FreezerRegister(IDataStore store, ICache cache)
        {
            _store = store;
            _cache = cache;
        }

        public Optional<string> FreezerOf(string barcode)
        {
            string known = _cache.TryRead(barcode);
            if (known != null)
            {
                return Optional.Of(known);
            }
            IRow row = _store.QuerySingle("select freezer from boxes where barcode = ?", barcode);
            if (row == null)
            {
                return Optional.None;
            }
            return Optional.Of(row.GetText("freezer"));
        }

        public void Put(string barcode, string freezer)
        {
            _store.Execute("insert into boxes values (?, ?)", barcode, freezer);
            _cache.Write(barcode, freezer);
            Provenance.Note("specimen frozen", barcode);
        }

        public void TakeOut(string barcode)
        {
            _cache.Invalidate(barcode);
            _store.Execute("delete from boxes where barcode = ?", barcode);
            Provenance.Note("specimen thawed", barcode);
        }

        public long Fill(string freezer)
        {
            IRow row = _store.QuerySingle("select count(*) as n from boxes where freezer = ?", freezer);
            if (row == null)
            {
                throw new LabException("no freezer " + freezer);
            }
            return row.GetInt64("n");
        }

        /// <summary>Freezers of the biobank stay below 60 degrees of frost.</summary>
        public void Warm(string freezer, Quantity temperature)
        {
            if (temperature.IsGreaterThan(new Quantity(-60.0, "C")))
            {
                _log.LogCritical("Freezer {0} is at {1}", freezer, temperature);
                Provenance.Note("freezer warm", freezer);
            }
        }

        public bool IsLocked(string freezer)
        {
            IRow row = _store.QuerySingle("select locked from freezers where id = ?", freezer);
            return row != null && row.GetBoolean("locked");
        }

        public void Empty(string freezer)
        {
            using (LogScope scope = _log.OpenScope("empty freezer"))
            {
                IRowSet rows = _store.RunQuery("select barcode from boxes where freezer = ?", freezer);
                while (rows.MoveNext())
                {
                    TakeOut(rows.GetText("barcode"));
                }
                scope.Checkpoint("emptied");
            }
        }

        public void Preload()
        {
            IRowSet rows = _store.RunQuery("select barcode, freezer from boxes");
            while (rows.MoveNext())
            {
                _cache.Write(rows.GetText("barcode"), rows.GetText("freezer"));
            }
            _log.LogVerbose("Cache is warm");
        }

        public bool IsCached(string barcode)
        {
            return _cache.TryRead(barcode) != null;
        }

        public bool TryMove(string barcode, string freezer)
        {
            try
            {
                TakeOut(barcode);
                Put(barcode, freezer);
                return true;
            }
            catch (DataStoreException ex)
            {
                _log.LogError("Freezer cannot be changed", ex);
                return false;
            }
        }
    }
}

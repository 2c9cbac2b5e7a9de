using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Accounts
{
    /// <summary>Tells other departments what lies on an account.</summary>
    public sealed class BalanceApi
    {
        private readonly ILogger _log = LoggerFactory.For<BalanceApi>();
        private readonly AccountBook _book;
        private readonly ICache _cache;

        public BalanceApi(AccountBook book, ICache cache)
        {
            Require.That(book, nameof(book));
            Require.That(cache, nameof(cache));
            _book = book;
            _cache = cache;
        }

        public HttpResult Balance(RequestContext request)
        {
            string iban = request.QueryValue("iban");
            if (iban == null)
            {
                return HttpResult.BadRequest("iban is missing");
            }
            AuditTrail.Write("balance.read", iban);
            return HttpResult.Ok(_book.AccountOf(iban).Balance);
        }

        public HttpResult Owner(RequestContext request)
        {
            Account account = _book.AccountOf(request.PathParts[2]);
            if (account.IsFrozen)
            {
                AuditTrail.Reject("owner.read", account.Iban);
                return HttpResult.Forbidden("Account is frozen");
            }
            return HttpResult.Ok(account.Owner);
        }

        public HttpResult Accounts(RequestContext request)
        {
            ItemList<Account> owned = _book.OwnedBy(request.QueryValue("owner"));
            if (owned.IsEmpty)
            {
                return HttpResult.NotFound("No account");
            }
            return HttpResult.Ok(owned.Project(a => a.Iban).JoinWith(","));
        }

        public string Cached(string iban)
        {
            Require.Text(iban, nameof(iban));
            string known = _cache.TryRead(iban);
            if (known == null)
            {
                _log.LogVerbose("{0} is not cached", iban);
                _cache.Write(iban, _book.AccountOf(iban).Balance.ToString());
            }
            return _cache.TryRead(iban);
        }

        public void Changed(string iban)
        {
            Require.Text(iban, nameof(iban));
            _cache.Invalidate(iban);
            _log.LogInfo("{0} has changed", iban);
        }

        public HttpResult Freeze(RequestContext request)
        {
            string iban = request.PathParts[2];
            _book.AccountOf(iban).Freeze(request.ReadContent());
            Changed(iban);
            return HttpResult.Created(iban);
        }
    }
}

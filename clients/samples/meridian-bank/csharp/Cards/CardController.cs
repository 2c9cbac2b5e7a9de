using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Cards
{
    /// <summary>Answers the app of the card holders.</summary>
    public sealed class CardController
    {
        private readonly CardRegistry _registry;
        private readonly ILogger _log = LoggerFactory.For<CardController>();
        private readonly ICache _cache;
        private readonly ItemList<string> _seen = new ItemList<string>();

        public CardController(CardRegistry registry, ICache cache)
        {
            Require.That(registry, nameof(registry));
            Require.That(cache, nameof(cache));
            _registry = registry;
            _cache = cache;
        }

        public HttpResult Show(RequestContext request)
        {
            Card card = _registry.Card(request.PathParts[1]);
            if (card.IsBlocked)
            {
                return HttpResult.Forbidden("Card is blocked");
            }
            _seen.Append(card.Number);
            return HttpResult.Ok(card.Masked());
        }

        public HttpResult List(RequestContext request)
        {
            string iban = request.QueryValue("iban");
            if (iban == null)
            {
                return HttpResult.BadRequest("iban is missing");
            }
            return HttpResult.Ok(_registry.MaskedNumbers(iban));
        }

        public HttpResult Block(RequestContext request)
        {
            string number = request.PathParts[1];
            _registry.Card(number).Block(request.ReadContent());
            _cache.Invalidate(number);
            AuditTrail.Write("card.app.blocked", number);
            return HttpResult.Created(number);
        }

        public HttpResult Main(RequestContext request)
        {
            Card card = _registry.MainCard(request.QueryValue("iban"));
            if (card == null)
            {
                _log.LogWarning("No card for {0}", request.QueryValue("iban"));
                return HttpResult.NotFound("No card");
            }
            return HttpResult.Ok(card.Number);
        }

        public string Greeting(string number)
        {
            Require.Text(number, nameof(number));
            string known = _cache.TryRead(number);
            return known == null ? "Welcome" : known;
        }

        public void Remember(string number, string name)
        {
            Require.Text(name, nameof(name));
            _cache.Write(number, "Hello " + name);
            _log.LogVerbose("Remembered {0}", name);
        }

        public HttpResult Declines(RequestContext request)
        {
            string last = _registry.Card(request.PathParts[1]).LastDecline();
            return last == null ? HttpResult.NotFound("Never declined") : HttpResult.Ok(last);
        }

        public HttpResult Order(RequestContext request)
        {
            Require.That(request, nameof(request));
            Card card = new Card(request.ReadContent(), request.QueryValue("iban"));
            _registry.Issue(card);
            return HttpResult.Created(card.Masked());
        }
    }
}

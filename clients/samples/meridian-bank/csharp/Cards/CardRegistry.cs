using System;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using MeridianBank.Platform;

namespace MeridianBank.Cards
{
    /// <summary>Which card belongs to whom.</summary>
    public sealed class CardRegistry
    {
        private readonly ILogger _log = LoggerFactory.For<CardRegistry>();
        private readonly MetricSink _meters;
        private readonly KeyedMap<string, Card> _cards = new KeyedMap<string, Card>();
        private readonly ItemList<string> _stolen = new ItemList<string>();

        public CardRegistry(MetricSink meters)
        {
            Require.That(meters, nameof(meters));
            _meters = meters;
        }

        public void Issue(Card card)
        {
            Require.That(card, nameof(card));
            _cards[card.Number] = card;
            _meters.Increment("cards.issued");
            AuditTrail.Write("card.issued", card.Masked());
        }

        public Card Card(string number)
        {
            Require.Text(number, nameof(number));
            if (!_cards.HasKey(number))
            {
                throw new BankException("CRD-01", "Unknown card");
            }
            return _cards.Find(number);
        }

        public void ReportStolen(string number)
        {
            Card(number).Block("stolen");
            _stolen.Append(number);
            _meters.Increment("cards.stolen");
            _log.LogCritical("Card {0} was stolen", Card(number).Masked());
        }

        public bool IsStolen(string number)
        {
            return _stolen.Exists(s => s == number);
        }

        public ItemList<Card> CardsOf(string iban)
        {
            Require.Text(iban, nameof(iban));
            ItemList<Card> found = new ItemList<Card>();
            foreach (string number in _cards.Keys)
            {
                if (_cards.Find(number).Iban == iban)
                {
                    found.Append(_cards.Find(number));
                }
            }
            return found;
        }

        public Card MainCard(string iban)
        {
            return CardsOf(iban).OrderedBy(c => c.Number).HeadOr(null);
        }

        public KeyedMap<string, ItemList<Card>> ByAccount()
        {
            ItemList<Card> all = _cards.Keys.Project(n => _cards.Find(n));
            return all.PartitionBy(c => c.Iban);
        }

        public bool TryIssue(Card card)
        {
            ILogger log = _log.ForContext("card", card.Masked());
            try
            {
                Issue(card);
                return true;
            }
            catch (ArgumentException ex)
            {
                log.LogError("Card is not issued", ex);
                return false;
            }
        }

        /// <summary>Block every card of an account that is closed.</summary>
        public int BlockAll(string iban)
        {
            ItemList<Card> active = CardsOf(iban).Filter(c => !c.IsBlocked);
            foreach (Card card in active)
            {
                card.Block("account closed");
            }
            _log.LogWarning("Blocked {0} cards of {1}", active.Size, iban);
            return active.Size;
        }

        public string MaskedNumbers(string iban)
        {
            return CardsOf(iban).Project(c => c.Masked()).JoinWith(", ");
        }

        public void Purge()
        {
            using (LogScope scope = _log.OpenScope("purge"))
            {
                foreach (string number in _stolen)
                {
                    _cards.Delete(number);
                }
                _meters.Observe("cards.purge.ms", scope.ElapsedMs);
            }
        }

        public void Load(IDataStore store)
        {
            Require.That(store, nameof(store));
            IRowSet rows = store.RunQuery("select number, iban from cards");
            while (rows.MoveNext())
            {
                Issue(new Card(rows.GetText("number"), rows.GetText("iban")));
            }
        }

        public void Announce(RestClient caller, Card card)
        {
            Require.That(caller, nameof(caller));
            RestResponse reply = caller.Submit("/cards", FormBody.With("card", card.Masked()));
            if (!reply.IsSuccess)
            {
                _log.LogWarning("Card office said {0}", reply.StatusCode);
            }
        }
    }
}

using Cairn.Chronology;
using Cairn.Collections;
using Cairn.Data;
using Cairn.Diagnostics;
using Cairn.Net;
using Kestrel.Orders;
using Kestrel.Platform;

namespace Kestrel.Tracking
{
    /// <summary>Writes to customers whose goods are late.</summary>
    public sealed class DelayNotices
    {
        private readonly RestClient mail;
        private readonly ILogger log = LoggerFactory.For<DelayNotices>();
        private readonly ItemList<string> sent = new ItemList<string>();

        public DelayNotices(string address)
        {
            Ensure.NotEmpty(address, "address");
            mail = RestClient.For(address);
            log.LogInfo("Notices go to {0}", address);
        }

        public Outcome<string> Send(Consignment late, string customer)
        {
            var form = FormBody.With("to", customer).Add("subject", "Delay of " + late.Code);
            var reply = Resilience.Attempt(3, () => mail.Submit("/mails", form));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("mail was refused");
            }
            sent.Append(late.Code);
            return Outcome.Success(late.Code);
        }

        public bool IsSent(string code)
        {
            return sent.Exists(s => s == code);
        }

        public int SendAll(ItemList<Consignment> all, string customer)
        {
            var late = all.Filter(c => c.IsLate(Clock.Today));
            foreach (Consignment consignment in late)
            {
                Send(consignment, customer);
            }
            log.LogInfo("{0} notices were sent", late.Size);
            return late.Size;
        }

        public HttpResult List(RequestContext request)
        {
            if (sent.IsEmpty)
            {
                return HttpResult.NotFound("no notices");
            }
            return HttpResult.Ok(sent.JoinWith(","));
        }

        public void Save(IDataStore store)
        {
            using (ITransaction tx = store.BeginTransaction())
            {
                foreach (string code in sent)
                {
                    store.Execute("insert into notices values (?)", code);
                }
                tx.Complete();
            }
        }

        public CalendarDate RepeatOn(CalendarDate first)
        {
            return first.AddDays(3).FollowingBusinessDay();
        }
    }
}

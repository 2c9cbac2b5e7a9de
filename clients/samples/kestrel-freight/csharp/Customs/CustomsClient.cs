using Cairn.Chronology;
using Cairn.Diagnostics;
using Cairn.Net;
using Kestrel.Orders;
using Kestrel.Platform;

namespace Kestrel.Customs
{
    /// <summary>Declares goods at the border.</summary>
    public sealed class CustomsClient
    {
        private readonly RestClient office;
        private readonly ILogger log = LoggerFactory.For<CustomsClient>();

        public CustomsClient(string address, string broker)
        {
            Ensure.NotEmpty(broker, "broker");
            office = RestClient.For(address);
            office.SetHeader("X-Broker", broker);
        }

        public Outcome<string> Declare(Consignment consignment, string country)
        {
            Ensure.NotEmpty(country, "country");
            var form = FormBody.With("goods", consignment.Code).Add("country", country);
            var reply = office.Submit("/declarations", form);
            if (reply.StatusCode != 201)
            {
                return Outcome.Failure(reply.ReadBody());
            }
            EventBus.Publish("customs.declared", consignment.Code);
            return Outcome.Success(reply.Headers["Location"]);
        }

        public Outcome<Timestamp> Clearance(string declaration)
        {
            var reply = office.Fetch("/declarations/" + declaration);
            if (!reply.IsSuccess)
            {
                return Outcome.Failure("not cleared");
            }
            return Outcome.Success(CalendarDate.FromText(reply.GetValue("cleared")).ToTimestamp());
        }

        public void Withdraw(string declaration)
        {
            var reply = office.Remove("/declarations/" + declaration);
            if (!reply.IsSuccess)
            {
                log.LogWarning("Cannot withdraw {0}", declaration);
            }
        }

        public Outcome<string> Amend(string declaration, Weight weight)
        {
            Ensure.True(!weight.Exceeds(Weight.FromKilograms(40000)), "too heavy for the road");
            var reply = office.Replace("/declarations/" + declaration, FormBody.With("kg", weight.Kilograms));
            if (!reply.IsSuccess)
            {
                return Outcome.Failure(reply.ReadBody());
            }
            return Outcome.Success(reply.GetValue("replaced"));
        }

        public bool IsExpired(string declaration)
        {
            var reply = office.Fetch("/declarations/" + declaration + "/end");
            return CalendarDate.FromText(reply.ReadBody()) < Clock.Today;
        }

        public Timestamp Deadline(Timestamp crossing)
        {
            return crossing.AddHours(-2);
        }

        public bool IsInTime(Timestamp crossing)
        {
            return Clock.UtcNow < Deadline(crossing);
        }

        public string OfficeHours(CalendarDate day)
        {
            if (day.IsWeekend)
            {
                return "closed";
            }
            return day.ToTimestamp().AddHours(8).ToText("HH:mm");
        }

        public Outcome<string> Inspector(string declaration)
        {
            var reply = Resilience.Attempt(2, () => office.Fetch("/declarations/" + declaration + "/inspector"));
            if (reply.StatusCode == 404)
            {
                return Outcome.Failure("nobody inspects");
            }
            return Outcome.Success(reply.GetValue("name"));
        }

        public long WaitingHours(Timestamp arrived)
        {
            return Clock.UtcNow.Since(arrived).TotalHours;
        }
    }
}

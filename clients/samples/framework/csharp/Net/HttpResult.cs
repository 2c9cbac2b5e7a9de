using System;

namespace Cairn.Net
{
    /// <summary>What this service answers.</summary>
    public sealed class HttpResult
    {
        private HttpResult(int statusCode, object text)
        {
            StatusCode = statusCode;
            Text = Convert.ToString(text);
        }

        public int StatusCode { get; private set; }

        public string Text { get; private set; }

        public static HttpResult Ok(object content)
        {
            return new HttpResult(200, content);
        }

        public static HttpResult Created(object content)
        {
            return new HttpResult(201, content);
        }

        public static HttpResult BadRequest(string reason)
        {
            return new HttpResult(400, reason);
        }

        public static HttpResult Forbidden(string reason)
        {
            return new HttpResult(403, reason);
        }

        public static HttpResult NotFound(string reason)
        {
            return new HttpResult(404, reason);
        }
    }
}

using System.Collections.Generic;

namespace Cairn.Net
{
    /// <summary>What another service answered.</summary>
    public sealed class RestResponse
    {
        private readonly string _text;

        public RestResponse(int statusCode, string text, Dictionary<string, string> headers)
        {
            StatusCode = statusCode;
            Headers = headers;
            _text = text;
        }

        public int StatusCode { get; private set; }

        public Dictionary<string, string> Headers { get; private set; }

        public bool IsSuccess
        {
            get { return StatusCode >= 200 && StatusCode < 300; }
        }

        public string ReadBody()
        {
            return _text;
        }

        /// <summary>Return one value of a body that was sent as a form, or null.</summary>
        public string GetValue(string name)
        {
            foreach (string part in _text.Split('&'))
            {
                if (part.StartsWith(name + "="))
                {
                    return part.Substring(name.Length + 1);
                }
            }
            return null;
        }
    }
}

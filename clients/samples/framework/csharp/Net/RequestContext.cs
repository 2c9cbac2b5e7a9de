using System.Collections.Generic;

namespace Cairn.Net
{
    /// <summary>What somebody asks of this service.</summary>
    public sealed class RequestContext
    {
        private readonly string _content;
        private readonly Dictionary<string, string> _values = new Dictionary<string, string>();

        public RequestContext(string path, string query, string content)
        {
            PathParts = path.Split('/');
            _content = content;
            foreach (string part in query.Split('&'))
            {
                int place = part.IndexOf('=');
                if (place > 0)
                {
                    _values[part.Substring(0, place)] = part.Substring(place + 1);
                }
            }
        }

        public string[] PathParts { get; private set; }

        /// <summary>Return a value of the query, or null.</summary>
        public string QueryValue(string name)
        {
            string value;
            return _values.TryGetValue(name, out value) ? value : null;
        }

        public string ReadContent()
        {
            return _content;
        }
    }
}

using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Text;

namespace Cairn.Net
{
    /// <summary>Calls one other service.</summary>
    public sealed class RestClient
    {
        private readonly string _address;
        private readonly Dictionary<string, string> _headers = new Dictionary<string, string>();

        private RestClient(string address)
        {
            _address = address;
        }

        public static RestClient For(string address)
        {
            return new RestClient(address);
        }

        public void SetHeader(string name, string value)
        {
            _headers[name] = value;
        }

        public RestResponse Fetch(string path)
        {
            return Send("GET", path, null);
        }

        public RestResponse Submit(string path, FormBody form)
        {
            return Send("POST", path, form);
        }

        public RestResponse Replace(string path, FormBody form)
        {
            return Send("PUT", path, form);
        }

        public RestResponse Remove(string path)
        {
            return Send("DELETE", path, null);
        }

        private RestResponse Send(string verb, string path, FormBody form)
        {
            WebRequest request = WebRequest.Create(_address + path);
            request.Method = verb;
            foreach (KeyValuePair<string, string> header in _headers)
            {
                request.Headers[header.Key] = header.Value;
            }
            try
            {
                if (form != null)
                {
                    byte[] content = Encoding.UTF8.GetBytes(form.ToString());
                    using (Stream stream = request.GetRequestStream())
                    {
                        stream.Write(content, 0, content.Length);
                    }
                }
                return Read((HttpWebResponse)request.GetResponse());
            }
            catch (WebException ex)
            {
                if (ex.Response == null)
                {
                    throw new RestException(verb + " " + _address + path + " failed", ex);
                }
                return Read((HttpWebResponse)ex.Response);
            }
        }

        private static RestResponse Read(HttpWebResponse response)
        {
            Dictionary<string, string> headers = new Dictionary<string, string>();
            foreach (string name in response.Headers.AllKeys)
            {
                headers[name] = response.Headers[name];
            }
            using (StreamReader reader = new StreamReader(response.GetResponseStream()))
            {
                return new RestResponse((int)response.StatusCode, reader.ReadToEnd(), headers);
            }
        }
    }
}

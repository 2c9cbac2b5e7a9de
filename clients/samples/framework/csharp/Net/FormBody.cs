using System.Text;

namespace Cairn.Net
{
    /// <summary>Named values that travel as the body of a request.</summary>
    public sealed class FormBody
    {
        private readonly StringBuilder _text = new StringBuilder();

        private FormBody()
        {
        }

        public static FormBody With(string name, object value)
        {
            return new FormBody().Add(name, value);
        }

        public FormBody Add(string name, object value)
        {
            if (_text.Length > 0)
            {
                _text.Append('&');
            }
            _text.Append(name).Append('=').Append(value);
            return this;
        }

        public override string ToString()
        {
            return _text.ToString();
        }
    }
}

using System;

namespace Cairn.Diagnostics
{
    /// <summary>Hands out loggers that write to standard error.</summary>
    public static class LoggerFactory
    {
        public static ILogger For<T>()
        {
            return new StreamLogger(typeof(T).Name, "");
        }

        private sealed class StreamLogger : ILogger
        {
            private readonly string _owner;
            private readonly string _tags;

            public StreamLogger(string owner, string tags)
            {
                _owner = owner;
                _tags = tags;
            }

            public bool IsVerbose
            {
                get { return Environment.GetEnvironmentVariable("CAIRN_TRACE") == "true"; }
            }

            public void LogVerbose(string template, params object[] arguments)
            {
                if (IsVerbose)
                {
                    Write("TRACE", string.Format(template, arguments));
                }
            }

            public void LogInfo(string template, params object[] arguments)
            {
                Write("INFO", string.Format(template, arguments));
            }

            public void LogWarning(string template, params object[] arguments)
            {
                Write("WARN", string.Format(template, arguments));
            }

            public void LogError(string message, Exception cause)
            {
                Write("ERROR", message + ": " + cause.Message);
            }

            public void LogCritical(string template, params object[] arguments)
            {
                Write("ALARM", string.Format(template, arguments));
            }

            public ILogger ForContext(string key, object value)
            {
                return new StreamLogger(_owner, _tags + " " + key + "=" + value);
            }

            public LogScope OpenScope(string name)
            {
                return new LogScope(this, name);
            }

            private void Write(string level, string message)
            {
                Console.Error.WriteLine(level + " " + _owner + _tags + ": " + message);
            }
        }
    }
}

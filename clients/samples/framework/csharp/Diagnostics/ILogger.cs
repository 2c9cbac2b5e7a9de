using System;

namespace Cairn.Diagnostics
{
    /// <summary>Writes the messages of one class. {0} in a template stands for the first argument.</summary>
    public interface ILogger
    {
        /// <summary>Say whether verbose messages are written at all.</summary>
        bool IsVerbose { get; }

        void LogVerbose(string template, params object[] arguments);

        void LogInfo(string template, params object[] arguments);

        void LogWarning(string template, params object[] arguments);

        /// <summary>Tell that something went wrong, and why.</summary>
        void LogError(string message, Exception cause);

        /// <summary>Tell that somebody has to come at once.</summary>
        void LogCritical(string template, params object[] arguments);

        /// <summary>Return a logger that adds this value to everything it writes.</summary>
        ILogger ForContext(string key, object value);

        /// <summary>Open a scope that measures how long something takes.</summary>
        LogScope OpenScope(string name);
    }
}

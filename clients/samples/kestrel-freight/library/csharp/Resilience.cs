using System;

namespace Kestrel.Platform
{
    /// <summary>Tries again what fails now and then.</summary>
    public static class Resilience
    {
        public static T Attempt<T>(int attempts, Func<T> action)
        {
            for (int attempt = 1; attempt < attempts; attempt++)
            {
                try
                {
                    return action();
                }
                catch (Exception ex)
                {
                    Console.Error.WriteLine("attempt " + attempt + " failed: " + ex.Message);
                }
            }
            return action();
        }
    }
}

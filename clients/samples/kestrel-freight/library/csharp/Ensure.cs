using System;

namespace Kestrel.Platform
{
    /// <summary>Stops where the code was called wrongly.</summary>
    public static class Ensure
    {
        public static void True(bool condition, string message)
        {
            if (!condition)
            {
                throw new InvalidOperationException(message);
            }
        }

        public static void NotEmpty(string value, string name)
        {
            True(!string.IsNullOrWhiteSpace(value), name + " is empty");
        }
    }
}

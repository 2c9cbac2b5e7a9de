using System;

namespace MeridianBank.Platform
{
    /// <summary>Refuses arguments that nobody should have passed.</summary>
    public static class Require
    {
        public static void That(object value, string name)
        {
            if (value == null)
            {
                throw new ArgumentException(name + " is missing");
            }
        }

        public static void Text(string value, string name)
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                throw new ArgumentException(name + " is blank");
            }
        }

        public static void Positive(long value, string name)
        {
            if (value <= 0)
            {
                throw new ArgumentException(name + " is not positive");
            }
        }
    }
}

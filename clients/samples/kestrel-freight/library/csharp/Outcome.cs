namespace Kestrel.Platform
{
    /// <summary>What came of something that may well go wrong: a value, or the reason why there is none.</summary>
    public sealed class Outcome<T>
    {
        internal Outcome(T value, string error)
        {
            Value = value;
            Error = error;
        }

        public T Value { get; private set; }

        public string Error { get; private set; }

        public bool Succeeded
        {
            get { return Error == null; }
        }

        public static implicit operator Outcome<T>(Failed failed)
        {
            return new Outcome<T>(default(T), failed.Error);
        }
    }

    /// <summary>A reason that fits an outcome of any type.</summary>
    public sealed class Failed
    {
        internal Failed(string error)
        {
            Error = error;
        }

        public string Error { get; private set; }
    }

    public static class Outcome
    {
        public static Outcome<T> Success<T>(T value)
        {
            return new Outcome<T>(value, null);
        }

        public static Failed Failure(string error)
        {
            return new Failed(error);
        }
    }
}

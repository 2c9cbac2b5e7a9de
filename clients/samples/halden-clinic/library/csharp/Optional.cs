namespace Halden.Platform
{
    /// <summary>A value that may be missing.</summary>
    public sealed class Optional<T>
    {
        private readonly T _value;

        internal Optional(bool hasValue, T value)
        {
            HasValue = hasValue;
            _value = value;
        }

        public bool HasValue { get; private set; }

        public static implicit operator Optional<T>(Nothing nothing)
        {
            return new Optional<T>(false, default(T));
        }

        public T ValueOr(T other)
        {
            return HasValue ? _value : other;
        }
    }

    /// <summary>The missing value of any type.</summary>
    public sealed class Nothing
    {
        internal Nothing()
        {
        }
    }

    public static class Optional
    {
        public static readonly Nothing None = new Nothing();

        public static Optional<T> Of<T>(T value)
        {
            return new Optional<T>(true, value);
        }
    }
}

namespace Kestrel.Platform
{
    /// <summary>How urgent a consignment is.</summary>
    public enum Priority
    {
        Economy,
        NextDay,
        SameDay
    }
}

namespace Halden.Platform
{
    /// <summary>How soon a result is needed.</summary>
    public enum Urgency
    {
        Routine,
        SameDay,
        Emergency
    }
}

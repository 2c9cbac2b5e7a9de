namespace MeridianBank.Platform
{
    /// <summary>The way on which an order came in.</summary>
    public enum Channel
    {
        Branch,
        OnlineBanking,
        Phone
    }
}

namespace Cairn.Data
{
    /// <summary>The answer to a query; stands before its first row until MoveNext is called.</summary>
    public interface IRowSet : IRow
    {
        bool MoveNext();
    }
}

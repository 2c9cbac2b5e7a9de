namespace Cairn.Data
{
    /// <summary>The values of one row, by column.</summary>
    public interface IRow
    {
        string GetText(string column);

        long GetInt64(string column);

        bool GetBoolean(string column);

        bool IsNull(string column);
    }
}

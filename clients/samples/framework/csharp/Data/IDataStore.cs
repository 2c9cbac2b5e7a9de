namespace Cairn.Data
{
    /// <summary>A database. Every ? in a statement stands for one argument.</summary>
    public interface IDataStore
    {
        IRowSet RunQuery(string statement, params object[] arguments);

        /// <summary>Return the only row of the answer, or null where there is none.</summary>
        IRow QuerySingle(string statement, params object[] arguments);

        /// <summary>Change rows; return how many were changed.</summary>
        int Execute(string statement, params object[] arguments);

        /// <summary>Open a transaction; it is rolled back where it is disposed of before it is complete.</summary>
        ITransaction BeginTransaction();

        /// <summary>Return the next number of a sequence.</summary>
        long AllocateKey(string sequence);
    }
}

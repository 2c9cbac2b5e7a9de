class Account
{
    int Balance() throws Exception
    {
        return 1;
    }
}

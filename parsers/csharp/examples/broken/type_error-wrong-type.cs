class Account
{
    int Balance()
    {
        return "none";
    }
}

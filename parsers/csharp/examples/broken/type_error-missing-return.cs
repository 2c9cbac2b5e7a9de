class Account
{
    int Balance(bool open)
    {
        if (open) { return 1; }
    }
}

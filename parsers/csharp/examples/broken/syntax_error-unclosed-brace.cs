class Account
{
    int Balance()
    {
        if (open) {
            return 1;
    }
}

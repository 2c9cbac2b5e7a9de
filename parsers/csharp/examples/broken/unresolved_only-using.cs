using Example.Bank;

class Account
{
    int Balance()
    {
        return 1;
    }
}

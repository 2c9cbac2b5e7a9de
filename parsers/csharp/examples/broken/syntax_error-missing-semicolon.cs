class Account
{
    int Balance()
    {
        int sum = 1
        return sum;
    }
}

class Account
{
    Currency Of(Rate rate)
    {
        return rate.Currency();
    }
}

int Balance(int months)
{
    return deposits + months;
}

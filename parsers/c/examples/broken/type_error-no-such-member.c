struct account {
    long opening;
};

long balance(const struct account *owner)
{
    return owner->closing;
}

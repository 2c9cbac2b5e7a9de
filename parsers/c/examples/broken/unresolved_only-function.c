static char *copied(const char *name)
{
    char *copy = duplicate_of(name);
    return copy;
}

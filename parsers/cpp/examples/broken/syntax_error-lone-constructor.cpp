Account(long opening) : opening_(opening)
{
    total_ = opening *;
}

vector<long> doubled(const vector<long>& amounts)
{
    vector<long> result;
    for (long amount : amounts) {
        result.push_back(2 * amount);
    }
    return result;
}

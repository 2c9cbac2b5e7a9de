#include <algorithm>
#include <list>

void order(std::list<int>& amounts)
{
    std::sort(amounts.begin(), amounts.end());
}

#include <vector>

int total(const std::vector<int>& amounts) {
    int sum = 0;
    for (int amount : amounts) {
        sum += amount;
    return sum;
}

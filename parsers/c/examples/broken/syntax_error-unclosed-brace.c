int total(const int *amounts, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += amounts[i];
    return sum;
}

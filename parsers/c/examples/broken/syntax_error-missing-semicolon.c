int twice(int amount) {
    int result = amount * 2
    return result;
}

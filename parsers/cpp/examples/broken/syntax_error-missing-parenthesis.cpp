int twice(int amount) {
    if (amount > 0 {
        return amount * 2;
    }
    return 0;
}

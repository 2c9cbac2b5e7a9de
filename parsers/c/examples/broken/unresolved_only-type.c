long balance(struct account *owner, money_t fee) {
    return open_balance(owner) - fee;
}

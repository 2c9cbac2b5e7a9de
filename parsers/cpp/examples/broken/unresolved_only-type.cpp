Money balance(const Account& owner) {
    return owner.opening();
}

int balance(int months) {
    return deposits + months;
}

class Account {
    Currency currency(Rate rate) {
        return rate.currency();
    }
}

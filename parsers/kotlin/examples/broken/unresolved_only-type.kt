fun balance(account: Account): Money {
    return account.balance()
}

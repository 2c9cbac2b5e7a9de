fn balance(owner: &Account) -> Money {
    owner.opening()
}

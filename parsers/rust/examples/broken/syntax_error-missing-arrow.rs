fn twice(amount: i64) i64 {
    amount * 2
}

fn total(amounts: &[i64]) -> i64 {
    let mut sum = 0;
    for amount in amounts {
        sum += amount;
    sum
}

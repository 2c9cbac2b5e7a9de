fn is_open(&self, amount: i64) -> bool {
    self.limit > amount && amount + "1"
}

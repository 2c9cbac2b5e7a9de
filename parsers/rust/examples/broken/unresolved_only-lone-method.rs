/// What is left.
pub(crate) fn balance(&mut self, fee: i64) -> i64 {
    self.fees.push(fee);
    self.opening - self.total()
}

protected override balance(months: number): number {
  return super.balance(months) + this.deposits;
}

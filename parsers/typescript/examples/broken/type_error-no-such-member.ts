function balance(deposits: number[]): number {
  return deposits.size();
}

function balance(deposits: number[]): string {
  return deposits.length;
}

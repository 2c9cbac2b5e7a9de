private balance(deposits: number[]): number {
  return deposits.length +;
}

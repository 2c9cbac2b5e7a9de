function balance(deposits: number[]): number {
  if (deposits) {
    return 1;
}

export function balance(deposits: number[]: number {
  return deposits.length;
}

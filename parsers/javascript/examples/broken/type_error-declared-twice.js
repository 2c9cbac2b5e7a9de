function balance(deposits) {
  let total = 0;
  let total = deposits;
  return total;
}

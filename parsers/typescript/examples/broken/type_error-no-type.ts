function balance(deposits) {
  return deposits.length;
}

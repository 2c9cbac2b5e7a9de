function balance(deposits) {
  if (deposits) {
    return 1;
}

export function balance(deposits) {
  return deposits + ;
}

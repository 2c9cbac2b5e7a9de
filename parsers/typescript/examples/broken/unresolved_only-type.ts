export function balance(account: Account): Money {
  return account.balance();
}

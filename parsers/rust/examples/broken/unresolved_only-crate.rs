use ledger::account::Account;

fn fee(_owner: &Account) -> i64 {
    3
}

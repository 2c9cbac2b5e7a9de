class Account {
    String name() {
        return "savings;
    }
}

class Account {
    int balance() {
        return "none";
    }
}

class Account {
    int balance() {
        if (open) {
            return 1;
    }
}

class Account {
    int balance(boolean open) {
        if (open) {
            return 1;
        }
    }
}

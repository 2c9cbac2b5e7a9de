class Account {
    int balance() {
        int sum = 1
        return sum;
    }
}

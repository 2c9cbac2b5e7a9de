int balance(int a) {
    boolean open = a;
    return a;
}

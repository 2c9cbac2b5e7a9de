public int balance(int a, {
    return a;
}

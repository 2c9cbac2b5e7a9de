struct entry {
    int cents;
};

int cents(struct entry one) {
    return one;
}

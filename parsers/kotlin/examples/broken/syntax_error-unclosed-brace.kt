fun balance(deposits: List<Int>): Int {
    if (deposits.isEmpty()) {
        return 1
}

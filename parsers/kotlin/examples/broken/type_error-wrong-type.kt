fun balance(deposits: List<Int>): String {
    return deposits.size
}

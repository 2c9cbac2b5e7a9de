fun balance(deposits: List<Int>: Int {
    return deposits.size
}

override fun balance(months: Int): Int {
    return super.balance(months) + deposits
}

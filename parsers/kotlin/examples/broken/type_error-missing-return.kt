fun balance(open: Boolean): Int {
    if (open) return 1
}

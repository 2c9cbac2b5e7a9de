func balance(open bool) int {
	if open {
		return 1
	}
}

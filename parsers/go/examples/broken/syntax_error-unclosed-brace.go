package bank

func balance(deposits []int) int {
	if deposits != nil {
		return 1
}

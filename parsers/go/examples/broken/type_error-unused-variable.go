package bank

func balance(deposits []int) int {
	total := 0
	return len(deposits)
}

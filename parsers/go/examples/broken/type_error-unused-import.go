package bank

import "fmt"

func balance(deposits []int) int {
	return len(deposits)
}

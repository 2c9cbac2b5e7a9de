package bank

import "example.com/bank/rates"

func balance(deposits int) int {
	return rates.Of(deposits)
}

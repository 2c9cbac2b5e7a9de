package bank

type Account struct {
	deposits int
}

func (a *Account) Balance() int {
	return a.sum()
}

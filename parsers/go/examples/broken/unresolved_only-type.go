func (a *Account) Balance(rate Rate) int {
	return a.deposits * rate.Percent()
}

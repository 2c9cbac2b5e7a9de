balance(months) {
  return this.#deposits * months;
}

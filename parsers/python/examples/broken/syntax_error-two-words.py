def balance(deposits):
    total of = sum(deposits)
    return total

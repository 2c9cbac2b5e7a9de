def balance(deposits)
    return sum(deposits)

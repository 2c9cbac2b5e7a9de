def balance(deposits):
    return sum(deposits


def name():
    return "savings"

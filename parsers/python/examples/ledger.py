"""Money that came and went."""

# far above: not part of it

# What a total is,
# in two lines.
def total(entries, start: int = 0, *more: "Entry", scale=1.0, **names):
    """Sum them up."""

    def add(a, b):
        return a + b

    class Local:
        def method(self):
            pass

    return sum(map(lambda e: e.amount, entries), start)  # at the end


async def fetch(url: str) -> bytes:
    return await get(url)


@dataclass
class Ledger(Base):
    """Entries in order."""

    limit: int = 10

    def __init__(self, limit):
        self.limit = limit

    @property
    # between
    def count(self) -> int:
        return len(f"{self.limit}: {'}'}")

    @staticmethod
    def make(a: dict[str, int], b): return Ledger(a)

    class Range:
        def __len__(self):
            if True:
                return 1
            return 0


if __name__ == "__main__":
    def inner(x):
        pass

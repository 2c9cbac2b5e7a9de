# A licence text that belongs to the file, not to the class below it.

from __future__ import annotations

from collections.abc import Iterator

# Money that came and went.
class Ledger:
    LIMIT: int = 10

    # Why there is a limit:
    # see the contract.
    # Makes an empty ledger.
    def __init__(self, limit: int) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError

    def group(self, by: dict[K, T], sizes: list[list[int]], *names: str) -> dict[K, list[T]]:
        raise NotImplementedError

    def open(self, a: int, b: int) -> int:
        raise NotImplementedError

    class State(Enum):
        OPEN = ("OPEN",)

        def is_open(self) -> bool:
            raise NotImplementedError

    class Range:
        _from: int
        _to: int

        def from_(self) -> int:
            return self._from

        def to(self) -> int:
            return self._to

        def __init__(self, from_: int, to: int) -> None:
            raise NotImplementedError

    class Audited:
        by: str

    class Source:
        def read(self) -> int:
            raise NotImplementedError

        def näme(self) -> str:
            raise NotImplementedError

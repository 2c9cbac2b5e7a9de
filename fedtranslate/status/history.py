"""What happened, in all runs and in the register, under one running number."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from fedtranslate.status.views import Happening

_KEPT = 20_000


class History:
    """The newest events.  A number names the same event for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: deque[Happening] = deque(maxlen=_KEPT)
        self.last = 0
        """Number of the newest event."""

    def add(self, happenings: Iterable[Happening]) -> None:
        """Number events and keep them, in the order of their times."""
        for one in sorted(happenings, key=lambda each: each.time):
            self.last += 1
            self._kept.append(replace(one, number=self.last))

    def after(self, number: int, limit: int, run: str = "") -> list[Happening]:
        """Return the oldest events with a higher number, oldest first."""
        return list(islice((e for e in self._from(number + 1) if run in ("", e.run)), limit))

    def before(self, number: int, limit: int, run: str = "") -> list[Happening]:
        """Return the newest events with a lower number, newest first."""
        lower = (e for e in reversed(self._kept) if e.number < number)
        return list(islice((e for e in lower if run in ("", e.run)), limit))

    def _from(self, number: int) -> Iterable[Happening]:
        if not self._kept:
            return ()
        return islice(self._kept, max(0, number - self._kept[0].number), None)

"""What was written for units, and the batches in which it is asked for."""

import json
from collections.abc import Iterable, Sequence

from fedtranslate.migration.journal.shapes import TEXTS, reading, shaped
from fedtranslate.migration.journal.store import Store
from fedtranslate.migration.states import Attempt, Batch

_WRITTEN = "written"


class Attempts(Store):
    """The part of the journal that keeps candidates."""

    def put_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Add candidates, or replace what is known of them."""
        found = list(attempts)
        units = {one.unit for one in found}
        before = self._written(units)
        self._put("attempts", found)
        after = self._written(units)
        if _WRITTEN in self._kept:
            known = zip(self._kept[_WRITTEN], before, after, strict=True)
            self._kept[_WRITTEN] = tuple(number + new - old for number, old, new in known)

    def count_written(self) -> tuple[int, int]:
        """Return for how many units something was written, and of how many something parses.

        This is asked for after each answer, so all candidates are gone through only once.
        """
        if _WRITTEN not in self._kept:
            statement = (
                "select count(*), coalesce(sum(parses), 0) from"
                " (select not min(rejected) as parses from attempts group by unit)"
            )
            self._kept[_WRITTEN] = tuple(self._all(statement)[0])
        written, parse = self._kept[_WRITTEN]
        return written, parse

    def _written(self, units: Iterable[str]) -> tuple[int, int]:
        """Return what ``count_written`` does, of some units."""
        statement = "select min(rejected) from attempts where unit = ?"
        found = [self._all(statement, (unit,))[0][0] for unit in units]
        written = [rejected for rejected in found if rejected is not None]
        return len(written), written.count(0)

    def attempts(self, unit: str) -> list[Attempt]:
        """Return what was written for a unit, in the order in which it was written."""
        condition = "unit = ? order by attempt, candidate"
        return list(self._get(Attempt, "attempts", condition, (unit,)))

    def attempts_by_unit(self) -> dict[str, int]:
        """Return how many candidates were written for each unit that has any."""
        return dict(self._all("select unit, count(*) from attempts group by unit"))

    def forget_attempts(self, unit: str) -> None:
        """Forget what was written for a unit."""
        self._kept.pop(_WRITTEN, None)
        self._database.execute("delete from attempts where unit = ?", (unit,))

    def open_batch(self, attempt: int, units: Sequence[str]) -> Batch:
        """Remember that ``units`` are put to the engine together."""
        cursor = self._database.execute(
            "insert into batches (attempt, units) values (?, ?)", (attempt, json.dumps(units))
        )
        return Batch(int(cursor.lastrowid or 0), attempt, tuple(units))

    def open_batches(self) -> list[Batch]:
        """Return the batches that were begun and not ended."""
        rows = self._all("select number, attempt, units from batches order by number")
        with reading("a row of batches"):
            return [
                Batch(number, attempt, tuple(shaped(units, TEXTS)))
                for number, attempt, units in rows
            ]

    def close_batch(self, batch: Batch) -> None:
        """Forget a batch: all of it is in the journal."""
        self._database.execute("delete from batches where number = ?", (batch.number,))

    def forget_batches(self) -> None:
        """Forget the batches that were begun."""
        self._database.execute("delete from batches")

"""Units, and the order in which they are written."""

import json
from array import array
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import islice

from fedtranslate.migration.journal.rows import COLUMNS
from fedtranslate.migration.journal.shapes import TEXTS, reading, shaped
from fedtranslate.migration.journal.store import Store
from fedtranslate.migration.states import PlannedUnit, UnitState

STATES, WAVES = "states", "waves"
"""Counts of units that are kept, by state and of those that have a wave."""


class Units(Store):
    """The part of the journal that keeps units."""

    def _forget_counts(self) -> None:
        for name in (STATES, WAVES):
            self._kept.pop(name, None)

    def put_units(self, units: Iterable[PlannedUnit]) -> None:
        """Add units, or replace what is known of them."""
        self._forget_counts()
        self._put("units", units)

    def units(self, where: str = "1", values: Sequence[object] = ()) -> Iterator[PlannedUnit]:
        """Yield units that match a condition in SQL, by path and place."""
        yield from self._get(PlannedUnit, "units", f"{where} order by path, start", values)

    def brief_units(self) -> Iterator[PlannedUnit]:
        """Yield all units by path and place, one at a time, without text, signature and uses."""
        left_out = {"text": "''", "signature": "''", "translated": "''", "uses": "'[]'"}
        columns = ", ".join(left_out.get(name, f'"{name}"') for name in COLUMNS[PlannedUnit])
        statement = f"select {columns} from units order by path, start"  # noqa: S608
        for row in self._database.execute(statement):
            yield self._read(PlannedUnit, "units", row)

    def unit(self, unit: str) -> PlannedUnit | None:
        """Return one unit."""
        return next(self.units("id = ?", (unit,)), None)

    def paths_of_wave(self, wave: int) -> list[str]:
        """Return the paths of the files that have units in a wave."""
        statement = "select distinct path from units where wave = ? order by path"
        return [row[0] for row in self._all(statement, (wave,))]

    def names(self) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
        """Yield kind, name, container and uses of each unit that a model writes, by place."""
        statement = (
            "select kind, name, container, uses from units where state != ? order by path, start"
        )
        for kind, name, container, uses in self._database.execute(statement, (UnitState.RULE,)):
            yield kind, name, container, _texts(uses)

    def rows_of_names(self) -> "array[int]":
        """Return the rows of the units that ``names`` yields, until one of them is put again."""
        statement = "select rowid from units where state != ? order by path, start"
        found = self._database.execute(statement, (UnitState.RULE,))
        return array("q", (row for (row,) in found))

    def references(self) -> Iterator[tuple[str, str, str, int, tuple[str, ...]]]:
        """Yield path, name, container, wave and uses of each unit, by place; not its code."""
        statement = "select path, name, container, wave, uses from units order by path, start"
        for path, name, container, wave, uses in self._database.execute(statement):
            yield path, name, container, wave, _texts(uses)

    def signatures(self, names: Sequence[str], *, near: str, most: int) -> list[str]:
        """Return signatures in the target of units called one of ``names``; near ones first.

        Args:
            names: As in the source.
            near: Path of the file that asks.
            most: How many at most.
        """
        rows = self._all(
            "select distinct coalesce(nullif(translated, ''), signature) as known from units"
            " where known != '' and name in (select value from json_each(?))"
            " order by path != ?, path, start limit ?",
            (json.dumps(names), near, most),
        )
        return [row[0] for row in rows]

    def units_ending(self, name: str) -> list[str]:
        """Return the ids of the units that are called ``name``, with or without what is around.

        What is around may begin with the name of the file, which tells heads of files apart.
        """
        statement = "select id from units where substr(id, -length(?1)) = ?1 order by id"
        return [row[0] for mark in "/#." for row in self._all(statement, (mark + name,))]

    def pending(self, wave: int) -> list[PlannedUnit]:
        """Return what is not done of the waves up to ``wave``, by place."""
        return list(self.units("state = ? and wave between 0 and ?", (UnitState.PENDING, wave)))

    def called(self, names: Sequence[str]) -> list[PlannedUnit]:
        """Return the units for a model that are called one of ``names``, by place.

        Upper case and underscores do not count, so that names of the target find them, too.
        """
        plain = [name.replace("_", "").lower() for name in names]
        condition = (
            "wave >= 0 and lower(replace(name, '_', '')) in (select value from json_each(?))"
        )
        return list(self.units(condition, (json.dumps(plain),)))

    def known_names(self, names: Collection[str]) -> set[str]:
        """Return those of ``names`` that units or types of the repository have."""
        statement = "select distinct name from units where name in (select value from json_each(?))"
        return {row[0] for row in self._all(statement, (json.dumps(sorted(names)),))}

    def set_waves(self, waves: Iterable[tuple[int, int]]) -> None:
        """Set the wave of units: pairs of wave and row."""
        statement = "update units set wave = ?1 where rowid = ?2 and wave != ?1"
        self._forget_counts()
        self._database.executemany(statement, waves)

    def last_wave(self) -> int:
        """Return the highest wave; -1 when there is none."""
        (wave,) = self._database.execute("select max(wave) from units").fetchone()
        return -1 if wave is None else int(wave)

    def some_failed(self, most: int, but: Container[str] = ()) -> list[PlannedUnit]:
        """Return some of the units that failed, by place; none of the ids in ``but``."""
        found = self.units("state = ?", (UnitState.FAILED,))
        return list(islice((unit for unit in found if unit.id not in but), most))


def _texts(written: str) -> tuple[str, ...]:
    with reading("a row of units"):
        return tuple(shaped(written, TEXTS))

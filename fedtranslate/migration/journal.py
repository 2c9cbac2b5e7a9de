"""The memory of a migration: one SQLite file beside the output.

Every change is a transaction, so that ``kill -9`` loses no more than the batch in flight.  Nothing
is held in memory but what is asked for.  One process at a time may hold the journal open to write.
"""

import contextlib
import fcntl
import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fedtranslate.errors import MigrationError
from fedtranslate.migration.rows import Row, open_database, read_row, stored, values_of
from fedtranslate.migration.states import (
    Attempt,
    Batch,
    FileState,
    PlannedFile,
    PlannedUnit,
    UnitState,
)
from fedtranslate.records import CompileState

FOLDER = ".fedtranslate"
FILE = "journal.sqlite3"


class Journal:
    """The journal of one output folder; use it as a context manager.

    Args:
        out: The output folder.
        writable: Whether this process migrates; readers may look at any time.

    Raises:
        MigrationError: Another process migrates into the folder, there is no journal to read, or
            it is damaged or of another version.
    """

    def __init__(self, out: Path, *, writable: bool = True) -> None:
        self._folder = out / FOLDER
        self._file = self._folder / FILE
        self._lock: Any = None
        if writable:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self._folder / "lock", out)
        elif not self._file.is_file():
            raise MigrationError(
                f"There is no migration in {out}.",
                hint="Give the folder that --out named.",
            )
        try:
            self._database = open_database(self._file, writable=writable)
        except sqlite3.DatabaseError as error:
            if self._lock is not None:
                self._lock.close()
            raise MigrationError(
                f"{self._file} is damaged or no journal ({error}).",
                hint=f"Move {self._folder} aside to begin the migration anew.",
            ) from None

    def close(self) -> None:
        """Close the file and let others migrate."""
        self._database.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """Where a migration keeps what is its own, beside the output."""
        return self._folder

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes of a ``with`` block one transaction."""
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    # Facts: settings, the engine, what builds said.

    def fact(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the fact called ``name``; None when it is not known."""
        row = self._database.execute("select value from facts where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def note(self, facts: Mapping[str, object]) -> None:
        """Remember facts, each of them JSON."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        self._database.executemany("insert or replace into facts values (?, ?)", rows)

    # Files.

    def put_files(self, files: Iterable[PlannedFile]) -> None:
        """Add files, or replace what is known of them."""
        self._put("files", files)

    def files(self, where: str = "1", values: Sequence[object] = ()) -> Iterator[PlannedFile]:
        """Yield files that match a condition in SQL, by path."""
        yield from self._get(PlannedFile, "files", f"{where} order by path", values)

    def file(self, path: str) -> PlannedFile | None:
        """Return the file at ``path`` of the source."""
        return next(self.files("path = ?", (path,)), None)

    def paths(self) -> list[str]:
        """Return the paths of all files."""
        return [row[0] for row in self._all("select path from files order by path")]

    def frames_hash(self) -> str:
        """Return what changes when the text around any unit does, or where files lie."""
        digest = hashlib.sha256()
        statement = (
            "select target, role, case role when 'code' then frame else hash end"
            " from files order by target"
        )
        for row in self._database.execute(statement):
            digest.update("\0".join(row).encode("utf-8", "replace"))
        return digest.hexdigest()

    def paths_kept(self) -> list[str]:
        """Return the paths of files whose output people have changed."""
        rows = self._all("select path from files where state = ? order by path", (FileState.KEPT,))
        return [row[0] for row in rows]

    def forget_file(self, path: str) -> None:
        """Forget a file and its units."""
        self.forget_units(path)
        self._database.execute("delete from files where path = ?", (path,))

    def forget_units(self, path: str, keep: Sequence[str] = ()) -> None:
        """Forget the units of a file, and the attempts of those that are not to be kept."""
        ids = [row[0] for row in self._all("select id from units where path = ?", (path,))]
        for unit in set(ids) - set(keep):
            self.forget_attempts(unit)
        self._database.execute("delete from units where path = ?", (path,))

    # What files know of each other.

    def put_outline(
        self,
        path: str,
        home: str,
        names: Sequence[str],
        imports: Sequence[str],
        declared: Sequence[Mapping[str, object]],
    ) -> None:
        """Remember what a file declares, and what it speaks of; declarations are JSON."""
        self.forget_outline(path)
        row = (path, home, json.dumps(names), json.dumps(imports), json.dumps(declared))
        self._database.execute("insert into outlines values (?, ?, ?, ?, ?)", row)
        self._database.executemany(
            "insert or ignore into declared values (?, ?, ?)",
            [(one["name"], path, place) for place, one in enumerate(declared)],
        )

    def forget_outline(self, path: str) -> None:
        """Forget what a file declares."""
        self._database.execute("delete from outlines where path = ?", (path,))
        self._database.execute("delete from declared where path = ?", (path,))

    def outline(self, path: str) -> tuple[str, list[str], list[str]] | None:
        """Return the home of a file, the names in it, and what it imports."""
        rows = self._all("select home, names, imports from outlines where path = ?", (path,))
        return (rows[0][0], json.loads(rows[0][1]), json.loads(rows[0][2])) if rows else None

    def declarations(
        self, names: Sequence[str], *, near: str, not_in: str
    ) -> list[tuple[str, str, Any]]:
        """Return name, home and declaration of what is called one of ``names``, near ones first."""
        rows = self._all(
            "select name, home, place, outlines.declared from declared join outlines using (path)"
            " where name in (select value from json_each(?)) and path != ?"
            " order by name, home != ?, path, place",
            (json.dumps(names), not_in, near),
        )
        found, last = [], None
        for name, home, place, declared in rows:
            if name != last:
                found.append((name, home, json.loads(declared)[place]))
                last = name
        return found

    def homes(self, names: Sequence[str]) -> list[str]:
        """Return those of ``names`` that are packages of the repository."""
        statement = (
            "select distinct home from outlines"
            " where home in (select value from json_each(?)) order by home"
        )
        return [row[0] for row in self._all(statement, (json.dumps(names),))]

    def note_gone(self, target: str, written: str) -> None:
        """Remember a file of the output whose source is gone."""
        self._database.execute("insert or replace into gone values (?, ?)", (target, written))

    def gone(self) -> list[tuple[str, str]]:
        """Return files of the output whose source is gone, with the hash of what was written."""
        return self._all("select target, written from gone order by target")

    def forget_gone(self, target: str) -> None:
        """Forget a file whose source is gone."""
        self._database.execute("delete from gone where target = ?", (target,))

    def put_left_out(self, rows: Iterable[tuple[str, str]]) -> None:
        """Replace the list of what is left out: paths and reasons."""
        with self.together():
            self._database.execute("delete from left_out")
            self._database.executemany("insert or replace into left_out values (?, ?)", rows)

    def left_out(self) -> list[tuple[str, str]]:
        """Return what is left out of the migration, and why, by path."""
        return self._all("select path, reason from left_out order by path")

    # Units.

    def put_units(self, units: Iterable[PlannedUnit]) -> None:
        """Add units, or replace what is known of them."""
        self._put("units", units)

    def units(self, where: str = "1", values: Sequence[object] = ()) -> Iterator[PlannedUnit]:
        """Yield units that match a condition in SQL, by path and place."""
        yield from self._get(PlannedUnit, "units", f"{where} order by path, start", values)

    def outlines(self) -> Iterator[PlannedUnit]:
        """Yield all units by path and place, one at a time, without text, signature and uses."""
        left_out = {"text": "''", "signature": "''", "uses": "'[]'"}
        names = (field.name for field in fields(PlannedUnit))
        columns = ", ".join(left_out.get(name, f'"{name}"') for name in names)
        statement = f"select {columns} from units order by path, start"  # noqa: S608
        return (read_row(PlannedUnit, row) for row in self._database.execute(statement))

    def unit(self, unit: str) -> PlannedUnit | None:
        """Return one unit."""
        return next(self.units("id = ?", (unit,)), None)

    def names(self) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
        """Yield id, kind, name, container and uses of each unit that a model writes, by place."""
        statement = (
            "select id, kind, name, container, uses from units where state != ?"
            " order by path, start"
        )
        for *named, uses in self._database.execute(statement, (UnitState.RULE,)):
            unit, kind, name, container = named
            yield unit, kind, name, container, tuple(json.loads(uses))

    def references(self) -> Iterator[tuple[str, str, str, int, tuple[str, ...]]]:
        """Yield path, name, container, wave and uses of each unit, by place; not its code."""
        statement = "select path, name, container, wave, uses from units order by path, start"
        for path, name, container, wave, uses in self._database.execute(statement):
            yield path, name, container, wave, tuple(json.loads(uses))

    def signatures(self, names: Sequence[str], *, near: str, most: int) -> list[str]:
        """Return signatures in the target of units called one of ``names``; near ones first.

        Args:
            names: As in the source.
            near: Path of the file that asks.
            most: How many at most.
        """
        rows = self._all(
            "select distinct signature from units where signature != ''"
            " and name in (select value from json_each(?))"
            " order by path != ?, path, start limit ?",
            (json.dumps(names), near, most),
        )
        return [row[0] for row in rows]

    def counts(self) -> dict[tuple[UnitState, CompileState], int]:
        """Return how many units are in each pair of states."""
        rows = self._database.execute(
            "select state, compile_state, count(*) from units group by state, compile_state"
        )
        return {(UnitState(state), CompileState(said)): count for state, said, count in rows}

    def count_units(self, state: UnitState) -> int:
        """Return how many units are in ``state``."""
        return int(self._all("select count(*) from units where state = ?", (state,))[0][0])

    def has_stubs(self) -> bool:
        """Tell whether the rules gave the units signatures; an edit needs none."""
        rows = self._all("select 1 from units where signature != '' limit 1")
        edits = (self.fact("settings") or {}).get("source") == (self.fact("settings") or {}).get(
            "target"
        )
        return bool(rows) or edits

    def count_files(self, role: str) -> int:
        """Return how many files have the role."""
        return int(self._all("select count(*) from files where role = ?", (role,))[0][0])

    def characters(self, state: UnitState) -> int:
        """Return how long the texts of the units in ``state`` are together."""
        statement = "select coalesce(sum(length(text)), 0) from units where state = ?"
        return int(self._all(statement, (state,))[0][0])

    def sample_texts(self, state: UnitState, most: int) -> Iterator[str]:
        """Yield texts of units in ``state``, spread evenly by their keys, which are hashes."""
        statement = "select text from units where state = ? order by key limit ?"
        return (row[0] for row in self._all(statement, (state, most)))

    def checked(self) -> tuple[int, int]:
        """Return how many units a compiler has judged, and how many of them it accepts."""
        judged = compiled = 0
        for (state, said), number in self.counts().items():
            if state is UnitState.DONE and said is not CompileState.NOT_CHECKED:
                judged += number
                compiled += number
            elif state is UnitState.FAILED:
                judged += number
        return judged, compiled

    def units_by_path(self) -> dict[str, int]:
        """Return how many units for the model each file has."""
        return dict(self._all("select path, count(*) from units where wave >= 0 group by path"))

    def units_by_wave(self) -> list[int]:
        """Return how many units each wave has."""
        statement = "select count(*) from units where wave >= 0 group by wave order by wave"
        return [row[0] for row in self._all(statement)]

    def some_failed(self, most: int) -> list[PlannedUnit]:
        """Return some of the units that failed, by place."""
        found = self.units("state = ?", (UnitState.FAILED,))
        return list(islice(found, most))

    def units_ending(self, name: str) -> list[str]:
        """Return the ids of the units that are called ``name``, with or without what is around."""
        statement = "select id from units where substr(id, -length(?1)) = ?1 order by id"
        return [row[0] for mark in "#." for row in self._all(statement, (mark + name,))]

    def pending(self, wave: int) -> list[PlannedUnit]:
        """Return what is not done of the waves up to ``wave``, by place."""
        return list(self.units("state = ? and wave between 0 and ?", (UnitState.PENDING, wave)))

    def called(self, names: Sequence[str]) -> list[PlannedUnit]:
        """Return the units for a model that are called one of ``names``, by place."""
        condition = "wave >= 0 and name in (select value from json_each(?))"
        return list(self.units(condition, (json.dumps(names),)))

    def known_names(self, names: Collection[str]) -> set[str]:
        """Return those of ``names`` that units or types of the repository have."""
        statement = "select distinct name from units where name in (select value from json_each(?))"
        return {row[0] for row in self._all(statement, (json.dumps(sorted(names)),))}

    def how_far(self) -> tuple[int, int, int]:
        """Return how many units have been written, how many of them parse, and of how many."""
        ((total,),) = self._all("select count(*) from units where wave >= 0")
        rows = self._all("select count(distinct unit), rejected from attempts group by rejected")
        parse = {bool(rejected): count for count, rejected in rows}
        ((written,),) = self._all("select count(distinct unit) from attempts")
        return written, parse.get(False, 0), total

    def set_waves(self, waves: Iterable[tuple[int, str]]) -> None:
        """Set the wave of units: pairs of wave and unit."""
        self._database.executemany("update units set wave = ? where id = ?", waves)

    def last_wave(self) -> int:
        """Return the highest wave; -1 when there is none."""
        (wave,) = self._database.execute("select max(wave) from units").fetchone()
        return -1 if wave is None else int(wave)

    # Attempts.

    def put_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Add candidates, or replace what is known of them."""
        self._put("attempts", attempts)

    def attempts(self, unit: str) -> list[Attempt]:
        """Return what was written for a unit, in the order in which it was written."""
        condition = "unit = ? order by attempt, candidate"
        return list(self._get(Attempt, "attempts", condition, (unit,)))

    def attempts_by_unit(self) -> dict[str, int]:
        """Return how many candidates were written for each unit that has any."""
        return dict(self._all("select unit, count(*) from attempts group by unit"))

    def forget_attempts(self, unit: str) -> None:
        """Forget what was written for a unit."""
        self._database.execute("delete from attempts where unit = ?", (unit,))

    # Batches.

    def open_batch(self, attempt: int, units: Sequence[str]) -> Batch:
        """Remember that ``units`` are put to the engine together."""
        cursor = self._database.execute(
            "insert into batches (attempt, units) values (?, ?)", (attempt, json.dumps(units))
        )
        return Batch(int(cursor.lastrowid or 0), attempt, tuple(units))

    def open_batches(self) -> list[Batch]:
        """Return the batches that were begun and not ended."""
        rows = self._all("select number, attempt, units from batches order by number")
        return [Batch(number, attempt, tuple(json.loads(units))) for number, attempt, units in rows]

    def close_batch(self, batch: Batch) -> None:
        """Forget a batch: all of it is in the journal."""
        self._database.execute("delete from batches where number = ?", (batch.number,))

    def forget_batches(self) -> None:
        """Forget the batches that were begun."""
        self._database.execute("delete from batches")

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        return self._database.execute(statement, values).fetchall()

    def _put(self, table: str, rows: Iterable[Any]) -> None:
        found = [tuple(stored(value) for value in values_of(row)) for row in rows]
        if found:
            marks = ", ".join("?" * len(found[0]))
            statement = f"insert or replace into {table} values ({marks})"  # noqa: S608
            self._database.executemany(statement, found)

    def _get(
        self, kind: type[Row], table: str, condition: str, values: Sequence[object]
    ) -> Iterator[Row]:
        statement = f"select * from {table} where {condition}"  # noqa: S608 - ours, with marks
        for row in self._database.execute(statement, values).fetchall():
            yield read_row(kind, row)


def _locked(file: Path, out: Path) -> Any:  # noqa: ANN401 - an open file
    stream = file.open("a")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        raise MigrationError(
            f"Another process is migrating into {out}.",
            hint="Wait for it, or give another folder with --out.",
        ) from None
    return stream

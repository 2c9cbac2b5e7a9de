"""The file under a journal: opened, locked, and changed in transactions."""

import contextlib
import fcntl
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fedtranslate.errors import MigrationError
from fedtranslate.migration.journal.rows import Row, open_database, read_row, written_row
from fedtranslate.migration.journal.shapes import UnreadableError, reading

FOLDER = ".fedtranslate"
FILE = "journal.sqlite3"
_STEPS = 64
"""Of one transaction: no more than these are done again after ``kill -9``."""


class Store:
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
        self._kept: dict[str, Any] = {}
        """Counts that progress is told by, until what they count changes."""
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
            raise self._unusable(error) from None

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
        try:
            self.close()
        except sqlite3.Error:
            if error is None:
                raise
        if isinstance(error, (sqlite3.Error, UnreadableError)):
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> MigrationError:
        """Return what to tell of an error of the file that shows only when it is read on."""
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
            # A full disk, a lock that does not come, a folder that cannot be written.
            return MigrationError(
                f"{self._file} cannot be used: {error}.",
                hint="Make room or wait, then run again: what is done is kept.",
            )
        return MigrationError(
            f"{self._file} is damaged or no journal ({error}).",
            hint=f"Move {self._folder} aside to begin the migration anew.",
        )

    @property
    def folder(self) -> Path:
        """Where a migration keeps what is its own, beside the output."""
        return self._folder

    def copy_to(self, out: Path) -> None:
        """Copy the journal as it stands now into another output folder, which has none.

        Also what another process has changed and not yet moved from the log into the file itself.
        """
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(folder / FILE)) as other:
            self._database.backup(other)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes of a ``with`` block one transaction, or part of the one around it."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._kept.clear()
            if self._database.in_transaction:  # a full disk has ended it already
                self._database.execute("rollback")
            raise
        self._database.execute("commit")

    @contextlib.contextmanager
    def in_steps(self) -> Iterator[Callable[[], None]]:
        """Make the changes of a ``with`` block in transactions of some steps each.

        Yields what is to be called after each step.  For many small changes of which some may be
        lost: ending a transaction takes longer than such a change.
        """
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            if done % _STEPS == 0:
                self._database.execute("commit")
                self._database.execute("begin immediate")

        with self.together():
            yield step

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        return self._database.execute(statement, values).fetchall()

    def _put(self, table: str, rows: Iterable[Any]) -> None:
        found = [written_row(row) for row in rows]
        if found:
            marks = ", ".join("?" * len(found[0]))
            statement = f"insert or replace into {table} values ({marks})"  # noqa: S608
            self._database.executemany(statement, found)

    def _get(
        self, kind: type[Row], table: str, condition: str, values: Sequence[object]
    ) -> Iterator[Row]:
        statement = f"select * from {table} where {condition}"  # noqa: S608 - ours, with marks
        for row in self._database.execute(statement, values).fetchall():
            yield self._read(kind, table, row)

    def _read(self, kind: type[Row], table: str, row: Sequence[Any]) -> Row:
        with reading(f"a row of {table}"):
            return read_row(kind, row)


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Tell whether the file has other tables than ours, or texts that are none."""
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_ERROR or str(error).startswith("Could not decode")


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

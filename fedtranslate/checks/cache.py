"""Verdicts that are remembered on disk, by the hash of all that they depend on.

One SQLite file, which several processes may use at once and which ``kill -9`` leaves whole.  A
cache that fails is no reason to fail: a file that is damaged is moved aside and begun anew, one
that cannot be used at all remembers nothing; ``warning`` tells either.

Not covered: whoever may write the file may write verdicts into it.  It belongs in a folder of the
user's own.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fedtranslate.records import CompileState, Problem, Verdict

MAX_BYTES = 256 << 20
"""Of verdicts; beyond it those that were longest of no use are forgotten."""
_KEEP = 0.8
"""What of the bound is kept when something must go, so that this is seldom."""
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.02
_AT_ONCE = 500
_FORM = 1
_TABLE = """
create table if not exists verdicts (
    key text primary key, said text not null, used integer not null
) without rowid;
create index if not exists by_use on verdicts (used);
"""


class VerdictCache:
    """The cache; use it as a context manager, by any number of threads.

    Args:
        file: Where it is; the folder is made if it is not there.
        max_bytes: How large it may grow.
    """

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._warning = ""
        self._database = self._open()

    @property
    def warning(self) -> str:
        """What was wrong with the file; empty when nothing was."""
        return self._warning

    def get(self, keys: Sequence[str]) -> dict[str, Verdict]:
        """Return the verdicts that are remembered, by their keys."""
        found: dict[str, Verdict] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._do(
                f"select key, said from verdicts where key in ({marks})",  # noqa: S608 - marks only
                some,
            )
            found |= {key: said for key, text in rows if (said := _read(text)) is not None}
        self._touch(list(found))
        return found

    def put(self, verdicts: Mapping[str, Verdict]) -> None:
        """Remember verdicts; those that say that nothing was checked are left out."""
        rows = [
            (key, _written(said))
            for key, said in verdicts.items()
            if said.compile_state is not CompileState.NOT_CHECKED
        ]
        with self._lock:
            self._guarded(lambda database: self._store(database, rows))

    def close(self) -> None:
        """Close the file; what was put into it is there to stay."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection | None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            return _connect_in_turn(self._file)
        except sqlite3.OperationalError as error:
            self._warning = f"{self._file} cannot be used ({error}); nothing is remembered."
        except sqlite3.DatabaseError as error:
            return self._begun_anew(error)
        except OSError as error:
            self._warning = (
                f"{self._file} cannot be used ({error.strerror}); nothing is remembered."
            )
        return None

    def _begun_anew(self, error: sqlite3.DatabaseError) -> sqlite3.Connection | None:
        aside = self._file.with_name(f"{self._file.name}.damaged")
        try:
            self._file.replace(aside)
            for ending in ("-wal", "-shm"):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
            self._warning = f"{self._file} was damaged ({error}) and is now {aside.name}."
            return _connect_in_turn(self._file)
        except (OSError, sqlite3.Error):
            self._warning = f"{self._file} is damaged ({error}); nothing is remembered."
            return None

    def _do(self, statement: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._guarded(lambda database: database.execute(statement, values).fetchall())

    def _guarded(self, action: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Do what ``action`` does with the database; nothing when the database fails."""
        if self._database is None:
            return []
        try:
            return action(self._database) or []
        except sqlite3.OperationalError as error:  # locked for too long, disk full, read-only
            self._warning = f"{self._file} could not be used ({error})."
        except sqlite3.DatabaseError as error:
            self._database.close()
            self._database = self._begun_anew(error)
        return []

    def _touch(self, keys: Sequence[str]) -> None:
        """Note that ``keys`` were of use."""
        if not keys:
            return
        rows = [(key,) for key in keys]
        with self._lock:
            self._guarded(lambda database: _touched(database, rows))

    def _store(self, database: sqlite3.Connection, rows: Sequence[tuple[str, str]]) -> None:
        with database:
            turn = _next_turn(database)
            database.executemany(
                "insert or replace into verdicts values (?, ?, ?)",
                [(key, said, turn) for key, said in rows],
            )
            _forget(database, self._max_bytes)


def _connect_in_turn(file: Path) -> sqlite3.Connection:
    """Connect, also when others begin the same file: SQLite does not wait while it turns to WAL."""
    for _ in range(round(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
        try:
            return _connect(file)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(_PAUSE_SECONDS)
    return _connect(file)


def _connect(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=_PATIENCE_SECONDS, check_same_thread=False)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        (form,) = database.execute("pragma user_version").fetchone()
        if form not in (0, _FORM):
            database.executescript("drop table if exists verdicts")
        database.executescript(_TABLE)
        database.execute(f"pragma user_version = {_FORM}")
        if database.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("it is not consistent")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _next_turn(database: sqlite3.Connection) -> int:
    """Return a number that is greater than that of every use so far."""
    (last,) = database.execute("select max(used) from verdicts").fetchone()
    return (last or 0) + 1


def _touched(database: sqlite3.Connection, rows: Sequence[tuple[str]]) -> None:
    with database:
        turn = _next_turn(database)
        database.executemany(f"update verdicts set used = {turn} where key = ?", rows)  # noqa: S608


def _forget(database: sqlite3.Connection, max_bytes: int) -> None:
    """Take out what was longest of no use, when there is too much."""
    (pages,) = database.execute("pragma page_count").fetchone()
    (free,) = database.execute("pragma freelist_count").fetchone()
    (size,) = database.execute("pragma page_size").fetchone()
    used = (pages - free) * size
    if used <= max_bytes:
        return
    (count,) = database.execute("select count(*) from verdicts").fetchone()
    surplus = max(1, round(count * (1 - _KEEP * max_bytes / used)))
    database.execute(
        "delete from verdicts where key in (select key from verdicts order by used, key limit ?)",
        (surplus,),
    )


def _written(said: Verdict) -> str:
    return json.dumps(
        {
            "parses": said.parses,
            "state": str(said.compile_state),
            "problems": [asdict(problem) for problem in said.problems],
        }
    )


def _read(text: str) -> Verdict | None:
    """Return a verdict as it was written; None when the text is no such thing."""
    try:
        said = json.loads(text)
        problems = tuple(Problem(**problem) for problem in said["problems"])
        return Verdict(bool(said["parses"]), CompileState(said["state"]), problems=problems)
    except (ValueError, TypeError, KeyError):
        return None

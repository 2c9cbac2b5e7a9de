"""The tables of a migration's journal, and how values become their rows."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from fedtranslate.migration.journal.shapes import TEXT, TEXTS, shaped
from fedtranslate.migration.states import Attempt, FileState, PlannedFile, PlannedUnit, UnitState
from fedtranslate.records import CompileState, Problem

FORM = 1
_TABLES = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists files (
    path text primary key, target text not null, hash text not null, role text not null,
    state text not null, reason text not null, frame text not null, losses text not null,
    written text not null, problems text not null, around text not null);
create index if not exists files_by_target on files (target);
create table if not exists outlines (
    path text primary key, home text not null, names text not null, imports text not null,
    declared text not null);
create table if not exists exposed (name text not null, path text not null, access text not null,
    primary key (name, path)) without rowid;
create index if not exists exposed_by_path on exposed (path);
create index if not exists exposed_by_access on exposed (name, access);
create index if not exists outlines_by_home on outlines (home);
create table if not exists declared (name text not null, path text not null, place integer not null,
    primary key (name, path, place)) without rowid;
create index if not exists declared_by_path on declared (path);
create table if not exists gone (target text primary key, written text not null);
create table if not exists left_out (path text primary key, reason text not null);
create table if not exists units (
    id text primary key, path text not null, start integer not null, "end" integer not null,
    first_line integer not null, kind text not null, name text not null, container text not null,
    text text not null, key text not null, signature text not null,
    translated text not null, uses text not null,
    wave integer not null, state text not null, compile_state text not null,
    attempt integer not null, candidate integer not null, since integer not null,
    behaves text not null,
    reason text not null, lost text not null, confidence real, place text not null);
create index if not exists units_by_path on units (path, start);
create index if not exists units_by_name on units (name);
create index if not exists units_by_wave on units (wave, state);
create index if not exists units_by_state on units (state, wave, compile_state);
create table if not exists attempts (
    unit text not null, attempt integer not null, candidate integer not null, text text not null,
    finished integer not null, score real, rejected integer not null, problems text not null,
    primary key (unit, attempt, candidate)) without rowid;
create table if not exists batches (
    number integer primary key autoincrement, attempt integer not null, units text not null);
"""
_JSON: Mapping[str, Any] = {
    "losses": TEXTS,
    "uses": TEXTS,
    "lost": TEXTS,
    "place": [{int}],
    "problems": [
        {"line": {int}, "column": {int}, "message": TEXT, "code?": TEXT, "excerpt?": TEXT}
    ],
}
"""The shapes of the columns that hold JSON."""
Row = TypeVar("Row", PlannedFile, PlannedUnit, Attempt)
COLUMNS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (PlannedFile, PlannedUnit, Attempt)
}
"""The fields of each kind of value, in the order of its table's columns."""
_VALUES = {kind: attrgetter(*names) for kind, names in COLUMNS.items()}


def open_database(file: Path, *, writable: bool) -> sqlite3.Connection:
    """Open a journal, and make its tables where there are none.

    Raises:
        sqlite3.DatabaseError: It is damaged, no journal, or of another version.
    """
    place = file.resolve().as_uri() + ("" if writable else "?mode=ro")
    database = sqlite3.connect(place, uri=True, timeout=30.0, isolation_level=None)
    try:
        (form,) = database.execute("pragma user_version").fetchone()
        if form not in (0, FORM):
            raise sqlite3.DatabaseError(f"it has form {form}; this version knows {FORM}")
        if writable:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = normal")
            database.executescript(_TABLES)
            database.execute(f"pragma user_version = {FORM}")
        elif form == 0:
            raise sqlite3.DatabaseError("it is empty")
    except sqlite3.Error:
        database.close()
        raise
    return database


def written_row(row: PlannedFile | PlannedUnit | Attempt) -> tuple[object, ...]:
    """Return the row that ``read_row`` makes the value from."""
    values = _VALUES[type(row)](row)
    return tuple(_stored(value) if isinstance(value, tuple) else value for value in values)


def _stored(value: tuple[object, ...]) -> str:
    """Return a tuple as SQLite keeps it: as JSON."""
    if not value:
        return "[]"
    return json.dumps([asdict(one) if isinstance(one, Problem) else one for one in value])


def read_row(kind: type[Row], row: Sequence[Any]) -> Row:
    """Return the value that a row was made from.

    Raises:
        ValueError: It was made from none.
        TypeError: Likewise.
    """
    named = dict(zip(COLUMNS[kind], row, strict=True))
    for name, shape in _JSON.items():
        if name in named:
            named[name] = tuple(shaped(named[name], shape))
    if "problems" in named:
        named["problems"] = tuple(Problem(**one) for one in named["problems"])
    if kind is PlannedUnit and len(named["place"]) != 2:
        raise ValueError("a place is two numbers")
    if kind is PlannedFile:
        named["state"] = FileState(named["state"])
    elif kind is PlannedUnit:
        named["state"] = UnitState(named["state"])
        named["compile_state"] = CompileState(named["compile_state"])
    else:
        named |= {"finished": bool(named["finished"]), "rejected": bool(named["rejected"])}
    return kind(**named)

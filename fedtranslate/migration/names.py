"""The file of ``--names``: what packages and types are called in the target.

What it says is written into declarations, imports and paths, so whatever is no name is refused
here: a compiler would say it much later, of every file.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fedtranslate.config.reading import read_toml
from fedtranslate.errors import ConfigError

PACKAGES, TYPES = "packages", "types"
Names = dict[str, dict[str, str]]
"""The tables of the file that it has: old name to new name."""

_PACKAGE = re.compile(r"[\w@~$-]+(?:(?:\.|/|::|\\)[\w@~$-]+)*")
"""Of any language: Go writes ``example.com/my-shop``, C++ ``shop::core``, PHP ``Shop\\Core``."""
_TYPE = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
_SHOWN = 60
_ADVICE = (
    "Write [packages] and [types] with lines such as 'Old = \"New\"';"
    " a name with dots in it, on the left, stands in quotes."
)


def read_names(file: Path) -> Names:
    """Return what a file says of names.

    A package may be called ``""``, which is none at all; everything else has to be a name.

    Raises:
        ConfigError: The file cannot be read, or something in it is no name; the message lists
            every mistake.
    """
    tables = read_toml(file)
    mistakes = list(_mistakes(tables))
    if mistakes:
        few = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = (f"{file} has {few}:", *(f"  {one}" for one in mistakes), _ADVICE)
        raise ConfigError("\n".join(lines))
    return tables


def _mistakes(tables: Mapping[str, Any]) -> Iterator[str]:
    for table, rows in tables.items():
        if table not in (PACKAGES, TYPES):
            yield f"{_quoted(table)} is unknown; there may be [packages] and [types]"
        elif not isinstance(rows, dict):
            yield f"{table} should be a table (given: {_quoted(rows)})"
        else:
            for old, new in rows.items():
                if what := _wrong(table, old, new):
                    yield f"[{table}] {_quoted(old)}: {what}"


def _wrong(table: str, old: str, new: object) -> str:
    """Return what is wrong with one line of a table; "" when nothing is."""
    kind, form = ("package", _PACKAGE) if table == PACKAGES else ("type", _TYPE)
    if not form.fullmatch(old):
        return f"this is no name of a {kind}"
    if isinstance(new, dict):
        return "a name with dots in it has to stand in quotes"
    if not isinstance(new, str):
        return f"the new name should be text (given: {_quoted(new)})"
    if not form.fullmatch(new) and not (table == PACKAGES and new == ""):
        return f"the new name is no name of a {kind} (given: {_quoted(new)})"
    return ""


def _quoted(value: object) -> str:
    """Return a value of the file on one line, and no more of it than one can read."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."

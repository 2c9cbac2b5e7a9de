"""What files of a repository know of each other, kept in the journal.

Skeletons of two files must agree: who overrides what, which names are types, where they lie.  Each
file is told of the declarations that it speaks of and of those that they build on, and of nothing
else, so that neither memory nor time grows with the square of the repository.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fedtranslate.languages.skeletons.traits import ACCESS
from fedtranslate.migration.journal import Journal

_DEPTH = 4
"""How many bases above a type are looked up."""
_MOST = 200
"""Declarations that one file is told of."""


class Around(NamedTuple):
    """The project around one file, as JSON."""

    known: list[tuple[str, Any]]
    """Declarations with their homes, nearest files first."""
    packages: list[str]
    exposed: dict[str, str]
    """The widest access with which anything speaks of a type, by its name."""

    @property
    def hash(self) -> str:
        """Return what changes when any of it does."""
        return hashlib.sha256(json.dumps(self, sort_keys=True).encode()).hexdigest()


def around(journal: Journal, path: str) -> Around:
    """Return what the file at ``path`` is told of its project."""
    own = journal.outline(path)
    if own is None:
        return Around([], [], {})
    home, names, imports = own
    known: dict[str, tuple[str, Any]] = {}
    wanted = set(names)
    for _ in range(_DEPTH):
        found = journal.declarations(sorted(wanted - known.keys()), near=home, not_in=path)
        for name, place, declaration in found:
            if name not in known and len(known) < _MOST:
                known[name] = (place, declaration)
        wanted = set(_bases(declaration for _, _, declaration in found))
        if not wanted - known.keys():
            break
    exposed: dict[str, str] = {}
    for name, access in journal.exposures(names):
        exposed[name] = min(exposed.get(name, access), access, key=ACCESS.index)
    packages = journal.homes([home, *imports])
    return Around([known[name] for name in sorted(known)], packages, exposed)


def _bases(declarations: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for declaration in declarations:
        for base in (*declaration["bases"], *declaration["interfaces"]):
            yield base.partition("<")[0].rpartition(".")[2]

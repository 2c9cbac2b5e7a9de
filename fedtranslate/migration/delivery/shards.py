"""Cut a migration into shards that people can review one after the other.

What is used comes before what uses it, so that each shard can be built with those before it.
Depends on the journal and the output alone, never on the repository, so that a delivery that was
killed cuts again as it did before.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from fedtranslate.errors import ConfigError
from fedtranslate.languages.dependencies import Named, groups_in_order
from fedtranslate.migration.delivery.filegraph import file_edges
from fedtranslate.migration.delivery.writing import file_digest
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.scan import CODE, RESOURCE
from fedtranslate.migration.states import FileState, PlannedFile, PlannedUnit, UnitState

_FILE_NAME = re.compile(r"[\w.+-]*\w\.\w+")
_TOP = "the top folder"


@dataclass(frozen=True, slots=True)
class Shard:
    """Files of the target that are reviewed together."""

    name: str
    files: tuple[str, ...]
    """Relative to the output, with forward slashes, in the order in which they are needed."""


def shards(journal: Journal, by: Literal["package", "size"], size: int = 400) -> list[Shard]:
    """Return what a migration changes, cut into shards; each file is in one of them.

    Files that need each other are in one shard.  Project files come with the first shard,
    resources with the first that names them or lies nearest.

    Args:
        journal: Of a finished migration.
        by: By folder of the target, or by size.
        size: Most changed lines of a shard, by size; what cannot be parted may have more.

    Raises:
        ConfigError: ``size`` is less than 1.
    """
    if size < 1:
        raise ConfigError(f"A shard of {size} lines holds nothing.", hint="Give 1 or more.")
    return _Cutter(journal).cut(by, size)


class _Cutter:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._out = journal.folder.parent
        self._settings = journal.settings()
        changed = [file for file in journal.files() if self._is_changed(file)]
        self._code = [file for file in changed if file.role == CODE]
        self._resources = [file for file in changed if file.role == RESOURCE]
        self._project = sorted(file.target for file in changed if file.role not in (CODE, RESOURCE))

    def cut(self, by: str, size: int) -> list[Shard]:
        edges, waves = file_edges(self._journal, self._code, self._settings.source)
        order = sorted(range(len(self._code)), key=lambda one: (waves[one], self._code[one].target))
        if by == "package":
            groups = self._by_folder(order, edges)
        else:
            groups = self._by_size(_groups(order, edges, self._settings.source), size)
        return self._with_others(groups)

    def _is_changed(self, file: PlannedFile) -> bool:
        """Tell whether a file is other than in the repository when the migration was planned."""
        if file.state is FileState.FAILED:
            return False
        if self._settings.is_edit:
            return file_digest(self._out / file.target) != file.hash
        return file.role != RESOURCE or file.target != file.path

    def _by_folder(
        self, order: Sequence[int], edges: Sequence[frozenset[int]]
    ) -> list[tuple[str, list[int]]]:
        folders: dict[str, list[int]] = {}
        for one in order:
            folders.setdefault(_folder(self._code[one].target), []).append(one)
        names = list(folders)
        number = {one: place for place, name in enumerate(names) for one in folders[name]}
        between: list[set[int]] = [set() for _ in names]
        for one, others in enumerate(edges):
            between[number[one]] |= {number[other] for other in others}
        within = {
            one: place
            for place, group in enumerate(_groups(order, edges, self._settings.source))
            for one in group
        }
        groups = []
        for group in _groups(range(len(names)), between, self._settings.source):
            files = sorted(
                (one for place in group for one in folders[names[place]]), key=within.__getitem__
            )
            more = f" and {len(group) - 1} more" if len(group) > 1 else ""
            groups.append(((names[group[0]] or _TOP) + more, files))
        return groups

    def _by_size(self, groups: Sequence[Sequence[int]], size: int) -> list[tuple[str, list[int]]]:
        cut: list[list[int]] = []
        room = 0
        for group in groups:
            lines = sum(self._changed_lines(self._code[one]) for one in group)
            if lines > room or not cut:
                cut.append([])
                room = size
            cut[-1] += group
            room -= lines
        return [(self._common(files), files) for files in cut]

    def _common(self, files: Sequence[int]) -> str:
        return os.path.commonpath([_folder(self._code[one].target) for one in files]) or _TOP

    def _changed_lines(self, file: PlannedFile) -> int:
        """Return how many lines a file adds and removes; at least 1."""
        if not self._settings.is_edit:
            return max(1, _lines(self._out / file.target))
        units = self._journal.units("path = ? and state = ?", (file.path, UnitState.DONE))
        return max(1, sum(self._changed(unit) for unit in units))

    def _changed(self, unit: PlannedUnit) -> int:
        new = next(
            (
                one.text
                for one in self._journal.attempts(unit.id)
                if (one.attempt, one.candidate) == (unit.attempt, unit.candidate)
            ),
            unit.text,
        )
        before, after = Counter(unit.text.splitlines()), Counter(new.splitlines())
        return (before - after).total() + (after - before).total()

    def _with_others(self, groups: Sequence[tuple[str, list[int]]]) -> list[Shard]:
        if not groups:
            files = (*self._project, *sorted(file.target for file in self._resources))
            return [Shard("resources", files)] if files else []
        shard_of = {one: place for place, (_, files) in enumerate(groups) for one in files}
        beside: dict[int, list[str]] = defaultdict(list)
        for resource, shard in self._needed_by(shard_of).items():
            beside[shard].append(resource)
        return [
            Shard(
                name,
                (
                    *(self._project if place == 0 else ()),
                    *sorted(beside[place]),
                    *(self._code[one].target for one in files),
                ),
            )
            for place, (name, files) in enumerate(groups)
        ]

    def _needed_by(self, shard_of: Mapping[int, int]) -> dict[str, int]:
        """Return the first shard that needs each resource."""
        if not self._resources:
            return {}
        named: dict[str, int] = {}
        nearest: dict[tuple[str, ...], int] = {}
        for one, shard in sorted(shard_of.items(), key=lambda found: found[1]):
            file = self._code[one]
            for unit in self._journal.units("path = ?", (file.path,)):
                for name in _FILE_NAME.findall(unit.text):
                    named.setdefault(name, shard)
            parts = PurePosixPath(file.path).parent.parts
            for length in range(len(parts) + 1):
                nearest.setdefault(parts[:length], shard)
        needed = {}
        for resource in self._resources:
            path = PurePosixPath(resource.path)
            near = (nearest[above.parts] for above in path.parents if above.parts in nearest)
            needed[resource.target] = named.get(path.name, next(near, 0))
        return needed


def _groups(
    order: Sequence[int], edges: Sequence[frozenset[int] | set[int]], language: str
) -> list[list[int]]:
    """Return the nodes in groups, each after those that it has edges to."""
    nodes = [
        Named(language, "file", str(node), "", tuple(map(str, sorted(edges[node]))))
        for node in order
    ]
    return [[order[place] for place in group] for group in groups_in_order(nodes)]


def _lines(place: Path) -> int:
    try:
        with place.open("rb") as stream:
            return sum(1 for _ in stream)
    except OSError:
        return 0


def _folder(path: str) -> str:
    return path.rpartition("/")[0]

"""Which files refer to which, by the names that their units use."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fedtranslate.languages.registry import load_pack
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.states import PlannedFile

_Names = dict[str, set[int]]


def file_edges(
    journal: Journal, files: Sequence[PlannedFile], language: str
) -> tuple[list[frozenset[int]], list[int]]:
    """Return the numbers of the files that each file refers to, and its last wave.

    A name that the file has itself is its own.  The name of a type means all files that have it,
    those in the same folder before others; the name of a method alone means a file only where no
    other has a method of that name, since else everything would depend on everything.

    Args:
        journal: Of the migration.
        files: Of code; their places are the numbers.
        language: Of the source.
    """
    fold = str.lower if load_pack(language).ignore_case else str
    numbers = {file.path: number for number, file in enumerate(files)}
    types: _Names = {}
    methods: _Names = {}
    own: list[set[str]] = [set() for _ in files]
    uses: list[set[str]] = [set() for _ in files]
    waves = [-1] * len(files)
    for path, name, container, wave, used in journal.references():
        number = numbers.get(path)
        if number is None:
            continue
        waves[number] = max(waves[number], wave)
        uses[number].update(map(fold, used))
        for known, one in _defined(name, container, types, methods, fold):
            known.setdefault(one, set()).add(number)
            own[number].add(one)
    folders = [file.path.rpartition("/")[0] for file in files]
    edges = [
        frozenset(_meant(uses[number] - own[number], number, folders, types, methods))
        for number in range(len(files))
    ]
    return edges, waves


def _defined(
    name: str, container: str, types: _Names, methods: _Names, fold: Callable[[str], str]
) -> Iterable[tuple[_Names, str]]:
    """Yield the names that a unit makes known, each with the table that it belongs in."""
    for part in container.split("."):
        if part:
            yield types, fold(part)
    if name:
        yield (methods if container else types), fold(name)


def _meant(
    names: Iterable[str],
    number: int,
    folders: Sequence[str],
    types: Mapping[str, set[int]],
    methods: Mapping[str, set[int]],
) -> Iterable[int]:
    for name in names:
        if name in types:
            near = {one for one in types[name] if folders[one] == folders[number]}
            yield from near or types[name]
        elif len(methods.get(name, ())) == 1:
            yield from methods[name]

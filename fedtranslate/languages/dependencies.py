"""Put units into an order in which what is referred to comes before what refers to it.

A reference is a name, and a name may be that of several units: overloads, or methods of different
types.  Those in the type of the referring unit are meant where there are any, else all.  So the
order errs to the side of too many dependencies, and units that need each other come together.
"""

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from fedtranslate.languages.components import Edges
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Unit

_Known = TypeVar("_Known", bound=Hashable)


class Named(NamedTuple):
    """What the order of a unit depends on; its code is not needed."""

    language: str
    kind: str
    name: str
    container: str
    uses: tuple[str, ...]
    """Names of what it calls, and of types, as ``uses_of`` gives them."""


def uses_of(text: str, pack: LanguagePack) -> tuple[str, ...]:
    """Return the names that a unit refers to, each once."""
    found = references_of(text, pack)
    return tuple(dict.fromkeys((*found.types, *found.calls)))


def in_order(units: Sequence[Unit]) -> list[tuple[Unit, ...]]:
    """Return the units in groups, each before those that refer to it.

    Units that refer to each other, directly or by way of others, are in one group; the members of
    a group are in the order given, and the whole depends on nothing but the order given.  Takes
    time that grows with the number of units and references.

    Raises:
        UnknownNameError: A unit is in a language that has no pack.
    """
    names = [
        Named(unit.language, unit.kind, unit.name, unit.container, uses)
        for unit in units
        for uses in [uses_of(unit.text, load_pack(unit.language))]
    ]
    return [tuple(units[number] for number in group) for group in groups_in_order(names)]


def groups_in_order(units: Iterable[Named]) -> Iterator[list[int]]:
    """Yield the numbers of the units in groups, as ``in_order`` does.

    Args:
        units: Gone through twice, so no iterator, and not kept: they may come from a disk.

    Raises:
        UnknownNameError: A unit is in a language that has no pack.
    """
    meant = _Meant(units)
    edges = Edges()
    for unit in units:
        edges.add(meant.count + node for node in meant.nodes(unit))
    for meaning in meant.units():
        edges.add(meaning)
    for group in edges.components():
        if members := sorted(one for one in group if one < meant.count):
            yield members


class _Meant:
    """Which units each name may mean, in its container and anywhere.

    A name that means the same units wherever it is used is one node of the graph, so that as many
    edges are enough as there are names and uses.  All is kept in numbers: a key is that of a
    container, in the upper half, and that of a name; keys are in order, units in order below each.
    """

    def __init__(self, units: Iterable[Named]) -> None:
        self.count = 0
        """Of the units."""
        self._containers: dict[tuple[str, str], int] = {}
        self._names: dict[str, int] = {}
        keys = array("q")
        owners = array("i")
        for number, unit in enumerate(units):
            self.count = number + 1
            for key in self._defined(unit):
                keys.append(key)
                owners.append(number)
        places = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys = array("q")
        self._starts = array("i")
        for place, one in enumerate(places):
            if not self._keys or self._keys[-1] != keys[one]:
                self._keys.append(keys[one])
                self._starts.append(place)
        self._starts.append(len(places))
        self._units = array("i", (owners[one] for one in places))

    def _defined(self, unit: Named) -> Iterator[int]:
        """Yield the keys under which a unit is known."""
        anywhere = _number(self._containers, (unit.language, ""))
        own = _number(self._containers, _container(unit))
        for name in dict.fromkeys(_names(unit)):
            number = _number(self._names, name)
            for container in dict.fromkeys((anywhere, own)):
                yield container << 32 | number

    def units(self) -> Iterator["array[int]"]:
        """Yield the units of each node."""
        for start, end in pairwise(self._starts):
            yield self._units[start:end]

    def nodes(self, unit: Named) -> Iterator[int]:
        """Yield the nodes of what a unit refers to."""
        anywhere = self._containers[unit.language, ""]
        own = self._containers[_container(unit)]
        for name in unit.uses:
            number = self._names.get(name)
            if number is None:
                continue
            node = self._node(own << 32 | number)
            if node is None and own != anywhere:
                node = self._node(anywhere << 32 | number)
            if node is not None:
                yield node

    def _node(self, key: int) -> int | None:
        place = bisect_left(self._keys, key)
        return place if place < len(self._keys) and self._keys[place] == key else None


def _number(known: dict[_Known, int], one: _Known) -> int:
    return known.setdefault(one, len(known))


def _names(unit: Named) -> Iterator[str]:
    yield _folded(unit.name, unit.language)
    if unit.kind == "constructor" and unit.container:
        yield _folded(unit.container.rpartition(".")[2], unit.language)


def _container(unit: Named) -> tuple[str, str]:
    return unit.language, _folded(unit.container, unit.language)


def _folded(name: str, language: str) -> str:
    return name.lower() if load_pack(language).ignore_case else name

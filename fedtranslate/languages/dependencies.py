"""Put units into an order in which what is referred to comes before what refers to it.

A reference is a name, and a name may be that of several units: overloads, or methods of different
types.  Those in the type of the referring unit are meant where there are any, else all.  So the
order errs to the side of too many dependencies, and units that need each other come together.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Unit

_Name = tuple[str, str, str]
"""Language, container ("" for any) and name."""


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


def groups_in_order(units: Sequence[Named]) -> Iterator[list[int]]:
    """Yield the numbers of the units in groups, as ``in_order`` does.

    Raises:
        UnknownNameError: A unit is in a language that has no pack.
    """
    targets = _targets(units)
    numbers = {name: len(units) + number for number, name in enumerate(targets)}
    edges = [array("q", (numbers[name] for name in _referred(unit, targets))) for unit in units]
    edges += list(targets.values())
    for group in _components(edges):
        if members := sorted(one for one in group if one < len(units)):
            yield members


def _targets(units: Sequence[Named]) -> dict[_Name, "array[int]"]:
    """Return which units each name may mean, by container and without."""
    targets: dict[_Name, array[int]] = {}
    for number, unit in enumerate(units):
        for name in dict.fromkeys(_names(unit)):
            targets.setdefault((unit.language, "", name), array("q")).append(number)
            if unit.container:
                container = _folded(unit.container, unit.language)
                own = (unit.language, container, name)
                targets.setdefault(own, array("q")).append(number)
    return targets


def _names(unit: Named) -> Iterator[str]:
    yield _folded(unit.name, unit.language)
    if unit.kind == "constructor" and unit.container:
        yield _folded(unit.container.rpartition(".")[2], unit.language)


def _referred(unit: Named, targets: Mapping[_Name, object]) -> Iterator[_Name]:
    """Yield the keys of ``targets`` that a unit refers to."""
    container = _folded(unit.container, unit.language)
    for name in unit.uses:
        own = (unit.language, container, name)
        key = own if own in targets else (unit.language, "", name)
        if key in targets:
            yield key


def _folded(name: str, language: str) -> str:
    return name.lower() if load_pack(language).ignore_case else name


def _components(edges: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components, each after those that it has edges to.

    Without recursion, since chains of references may be long.

    Reference: Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972).
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in range(len(edges)):
        if root in index:
            continue
        todo = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while todo:
            node, following = todo[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    todo.append((other, iter(edges[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[node])
                if low[node] == index[node]:
                    group: list[int] = []
                    while not group or group[-1] != node:
                        group.append(stack.pop())
                        on_stack.discard(group[-1])
                    yield group

"""Typed arguments for calls: seeded, of bounded size, and with the values at which code breaks.

What is drawn is the same for the same types, names and seed, on every machine.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from fedtranslate.checks.behave.types import BITS, Kind, Type

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[bool | int | float | str, Value]"
MAX_ITEMS = 8
_TRIES = 20
_LENGTHS = frozenset({"n", "m", "k", "len", "length", "size", "count", "sz", "num", "arrsize", "l"})
"""Names of integers that are likely to say how long a list is."""
_SMALL = (0, 1, -1, 2, 3, -2, 5, 7, 10, 16, 17, 99, 100, -10, 1000)
_FLOATS = (0.0, 1.0, -1.0, 0.5, -0.0, 2.0, 3.75, -2.5, 100.0, 1e-3, 1e6)
_FLOAT_EDGES = (float("nan"), float("inf"), float("-inf"), 1.7976931348623157e308, 5e-324)
_FLOAT32_EDGES = (float("nan"), float("inf"), float("-inf"), 3.4028234663852886e38, 1e-45)
_STRINGS = ("", "a", "ab", "aa", "A", "abc", "hello world", " ", "0", "12", "-7", "racecar")
_STRING_EDGES = ("\u00e9", "\u00df", "\u65e5\u672c", "\U0001f600", "a\nb\t", "e\u0301")
_CHARS = tuple("aAzZ0 (-_")
_CHAR_EDGES = ("\u00e9", "\u65e5", "\n")
_ALPHABETS = ("ab", "abcdefghijklmnopqrstuvwxyz", "()[]{}<>", "0123456789", "abAB 12.,-", "IVXLCDM")


@dataclass(frozen=True, slots=True)
class Input:
    """The arguments of one call."""

    arguments: tuple[Value, ...]
    edge: bool = False
    """Whether a value is at the limits of its type, not a finite number, or not ASCII."""


def make_inputs(
    types: Sequence[Type], names: Sequence[str], *, count: int, seed: int, edges: bool = True
) -> list[Input]:
    """Return up to ``count`` different inputs; fewer where the types have no more values.

    Args:
        types: Of the arguments, all known.
        names: Of the parameters: one called ``n`` beside a list is mostly its length.
        count: How many are wanted.
        seed: Of the random choices.
        edges: Whether values at the limits of their types are drawn, too.
    """
    random = Random(seed)  # noqa: S311 - not for secrets
    if not types:
        return [Input(())]
    first = (tuple(_plainest(kind, size) for kind in types) for size in (0, 1))
    found = {repr(arguments): Input(arguments) for arguments in first}
    for attempt in range(count * _TRIES):
        if len(found) >= count:
            break
        strange = edges and attempt % 4 == 3
        arguments = [_draw(kind, random, strange=strange) for kind in types]
        _fit_lengths(arguments, types, names, random)
        made = Input(tuple(arguments), edge=any(map(is_edge, arguments, types)))
        if made.edge <= edges:
            found.setdefault(repr(made.arguments), made)
    return list(found.values())[:count]


def is_edge(value: Value, kind: Type) -> bool:
    """Tell whether ``value`` is one of those that languages treat differently by design."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        bits = BITS.get(kind.kind, 64)
        return abs(value) >= 1 << (bits - 2)
    if isinstance(value, float):
        return not abs(value) < 1e30 or 0 < abs(value) < 1e-30
    if isinstance(value, str):
        return not value.isascii() or not value.isprintable()
    if isinstance(value, dict):
        pairs = value.items()
        return any(is_edge(k, kind.parts[0]) or is_edge(v, kind.parts[1]) for k, v in pairs)
    return any(is_edge(one, kind.parts[0]) for one in value)


def _plainest(kind: Type, size: int) -> Value:
    """Return zero, false or what is empty; with ``size`` 1 one, true or what has one member."""
    if kind.kind is Kind.LIST:
        return [_plainest(kind.parts[0], 1)] * size
    if kind.kind is Kind.MAP:
        return {_plain_key(kind.parts[0]): _plainest(kind.parts[1], 1)} if size else {}
    if kind.kind is Kind.BOOL:
        return bool(size)
    if kind.kind in (Kind.CHAR, Kind.STRING):
        return "a" if size or kind.kind is Kind.CHAR else ""
    return float(size) if kind.kind in (Kind.FLOAT32, Kind.FLOAT64) else size


def _plain_key(kind: Type) -> bool | int | float | str:
    plain = _plainest(kind, 1)
    return "a" if isinstance(plain, list | dict) else plain


def _draw(kind: Type, random: Random, *, strange: bool) -> Value:
    if kind.kind is Kind.LIST:
        return _list(kind.parts[0], random, strange=strange)
    if kind.kind is Kind.MAP:
        return {
            _key(kind.parts[0], random): _draw(kind.parts[1], random, strange=strange)
            for _ in range(random.randint(0, 4))
        }
    if kind.kind is Kind.BOOL:
        return random.random() < 0.5
    return _PLAIN[kind.kind](kind, random, strange)


def _integer(kind: Type, random: Random, strange: bool) -> Value:
    bits = BITS.get(kind.kind, 32)
    if strange and random.random() < 0.5:
        top = (1 << (bits - 1)) - 1
        return random.choice((top, -top - 1, top - 1, top // 2 + 1))
    largest = min(1_000, (1 << (bits - 1)) - 1)
    if random.random() < 0.4:
        return max(-largest, min(largest, random.choice(_SMALL)))
    span = random.choice((5, 20, largest))
    return random.randint(-min(span, largest) // 4, min(span, largest))


def _float(kind: Type, random: Random, strange: bool) -> Value:
    is_short = kind.kind is Kind.FLOAT32
    if strange and random.random() < 0.5:
        return random.choice(_FLOAT32_EDGES if is_short else _FLOAT_EDGES)
    if random.random() < 0.4:
        drawn = random.choice(_FLOATS)
    else:
        drawn = round(random.uniform(-20, 100), random.randint(0, 3))
    return struct.unpack("f", struct.pack("f", drawn))[0] if is_short else drawn


def _string(kind: Type, random: Random, strange: bool) -> Value:  # noqa: ARG001
    if strange and random.random() < 0.5:
        return random.choice(_STRING_EDGES)
    if random.random() < 0.3:
        return random.choice(_STRINGS)
    letters = random.choice(_ALPHABETS)
    return "".join(random.choice(letters) for _ in range(random.randint(0, 12)))


def _char(kind: Type, random: Random, strange: bool) -> Value:  # noqa: ARG001
    return random.choice(_CHAR_EDGES if strange and random.random() < 0.5 else _CHARS)


_PLAIN: dict[Kind, Callable[[Type, Random, bool], Value]] = {
    **dict.fromkeys((*BITS, Kind.INTEGER, Kind.NUMBER), _integer),
    Kind.FLOAT32: _float,
    Kind.FLOAT64: _float,
    Kind.STRING: _string,
    Kind.CHAR: _char,
}


def _key(kind: Type, random: Random) -> bool | int | float | str:
    drawn = _draw(kind, random, strange=False)
    return str(drawn) if isinstance(drawn, list | dict) else drawn


def _list(element: Type, random: Random, *, strange: bool) -> Value:
    size = random.choice((0, 1, 2, 2, 3, 4, 5, MAX_ITEMS))
    if element.kind is Kind.LIST and random.random() < 0.8:
        return _matrix(element.parts[0], random, size, strange=strange)
    items = [_draw(element, random, strange=strange) for _ in range(size)]
    shape = random.random()
    if items and shape < 0.2:
        items = [random.choice(items[:2]) for _ in items]
    elif shape < 0.45 and all(isinstance(one, int | float) and one == one for one in items):
        items.sort(key=lambda one: one, reverse=shape < 0.25)  # type: ignore[arg-type,return-value]
    return items


def _matrix(element: Type, random: Random, rows: int, *, strange: bool) -> Value:
    """Return lists of one length, square ones more often than others."""
    rows = min(rows, 4)
    columns = rows if random.random() < 0.6 else random.randint(0, 4)
    return [[_draw(element, random, strange=strange) for _ in range(columns)] for _ in range(rows)]


def _fit_lengths(
    arguments: list[Value], types: Sequence[Type], names: Sequence[str], random: Random
) -> None:
    """Make integers that are called like a length one, and let others be places in a list."""
    sizes = [len(one) for one in arguments if isinstance(one, list | str)]
    if not sizes:
        return
    for index, kind in enumerate(types):
        if kind.kind not in BITS and kind.kind not in (Kind.INTEGER, Kind.NUMBER):
            continue
        if names[index].lower().strip("_") in _LENGTHS and random.random() < 0.8:
            arguments[index] = min(sizes)
        elif random.random() < 0.3:
            arguments[index] = random.randint(0, max(0, min(sizes)))

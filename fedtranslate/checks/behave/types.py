"""Types that two languages share, read from how a pack's language writes them.

Only values that every language has are known: numbers, truth values, text, lists and maps of
these.  A type that is not known, or not written, is ``UNKNOWN`` and takes the other side's.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from fedtranslate.checks.behave.tables import TypesTable

_MAX_DEPTH = 6
_MAX_WRITTEN = 300


class Kind(StrEnum):
    """What a type is, apart from its parts."""

    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    INTEGER = "integer"
    """Without bounds."""
    NUMBER = "number"
    """An integer or a float, in languages that do not tell them apart."""
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BOOL = "bool"
    CHAR = "char"
    STRING = "string"
    LIST = "list"
    MAP = "map"
    UNKNOWN = "unknown"


BITS = {Kind.INT8: 8, Kind.INT16: 16, Kind.INT32: 32, Kind.INT64: 64}
"""Sizes of the integers that have bounds."""
_NUMBERS = (*BITS, Kind.INTEGER, Kind.FLOAT32, Kind.FLOAT64, Kind.NUMBER)
"""From narrow to wide: a value of one kind is a value of all that follow."""
_TEXTS = (Kind.CHAR, Kind.STRING)
_PLAIN = (*BITS, Kind.INTEGER, Kind.NUMBER, Kind.FLOAT32, Kind.FLOAT64, Kind.BOOL, *_TEXTS)


@dataclass(frozen=True, slots=True)
class Type:
    """A type with its parts: the element of a list; key and value of a map."""

    kind: Kind
    parts: tuple["Type", ...] = ()

    def is_known(self) -> bool:
        """Tell whether values of it can be made."""
        return self.kind is not Kind.UNKNOWN and all(part.is_known() for part in self.parts)

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.parts))
        return f"{self.kind} of {inner}" if inner else str(self.kind)


UNKNOWN = Type(Kind.UNKNOWN)


def read_type(written: str, table: TypesTable, depth: int = 0) -> Type:
    """Return what ``written`` means in the language of ``table``; ``UNKNOWN`` if it is not told."""
    if depth > _MAX_DEPTH or len(written) > _MAX_WRITTEN:
        return UNKNOWN
    plain = (re.sub(table.noise, "", written) if table.noise else written).strip()
    for kind in _PLAIN:
        if any(re.fullmatch(pattern, plain) for pattern in getattr(table, kind)):
            return Type(kind)
    for pattern in table.list:
        if found := re.fullmatch(pattern, plain):
            return Type(Kind.LIST, (read_type(found["element"], table, depth + 1),))
    for pattern in table.map:
        if found := re.fullmatch(pattern, plain):
            parts = (read_type(found[name], table, depth + 1) for name in ("key", "value"))
            return Type(Kind.MAP, tuple(parts))
    return UNKNOWN


def common(left: Type, right: Type) -> Type | None:
    """Return the type whose values both types have; None when they have none in common."""
    if left.kind is Kind.UNKNOWN:
        return right
    if right.kind is Kind.UNKNOWN:
        return left
    for order in (_NUMBERS, _TEXTS):
        if left.kind in order and right.kind in order:
            return Type(min(left.kind, right.kind, key=order.index))
    if left.kind is not right.kind:
        return None
    parts = [common(*pair) for pair in zip(left.parts, right.parts, strict=True)]
    if any(part is None for part in parts):
        return None
    return Type(left.kind, tuple(part for part in parts if part is not None))

"""What a call gave, and when two answers are the same.

Numbers are compared by value: integers exactly, floats within a tolerance, NaN equals NaN and 0.0
equals -0.0.  A character is a text of one letter; a set has no order; tables are equal when their
keys, as texts, and values are.  Exceptions are compared by kind, as the packs tell.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fedtranslate.checks.behave.inputs import Value
from fedtranslate.checks.behave.tables import RunTable

_GENERAL = "general"
_MAX_DEPTH = 60


class Ending(StrEnum):
    """How a call ended."""

    RESULT = "result"
    EXCEPTION = "exception"
    CRASH = "crash"
    """The whole program ended."""
    TIME = "time"
    """It had no answer when time was up."""
    LOST = "lost"
    """It was not called, or its answer cannot be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    ending: Ending
    result: object = None
    """As JSON; see ``same_values``."""
    exception: str = ""
    """Class and message of an exception; how a program ended that crashed."""
    arguments: tuple[object, ...] = ()
    """As they were after the call; None for those that the caller does not see again."""
    output: str = ""

    def in_words(self) -> str:
        """Return the answer for people."""
        if self.ending is Ending.RESULT:
            return f"returned {shown(self.result)}"
        if self.ending is Ending.EXCEPTION:
            return f"raised {_printable(self.exception)}"
        if self.ending is Ending.CRASH:
            return f"ended the program ({_printable(self.exception)})"
        return "did not come to an end" if self.ending is Ending.TIME else "gave no answer"


class Incomparable(Exception):  # noqa: N818 - no error: it says that there is no answer
    """A value is of a type that other languages do not have."""


def difference(
    source: Answer, target: Answer, tables: tuple[RunTable, RunTable], tolerance: float
) -> str:
    """Return in what two answers differ: result, exception, arguments, output...; "" if in nothing.

    Raises:
        Incomparable: A value has no counterpart in other languages.
    """
    if source.ending is not target.ending:
        return "ending"
    if source.ending is Ending.EXCEPTION and not _same_kind(source, target, tables):
        return "exception"
    if source.ending is Ending.RESULT and not same_values(source.result, target.result, tolerance):
        return "result"
    if not _same_arguments(source.arguments, target.arguments, tolerance):
        return "arguments"
    if source.ending is not Ending.CRASH and not _same_output(source, target, tolerance):
        return "output"
    return ""


def kind_of(exception: str, table: RunTable) -> str:
    """Return the kind of an exception; its name without ``Exception`` where no pattern fits."""
    for kind, pattern in table.exceptions.items():
        if re.search(pattern, exception):
            return kind
    if table.general and re.search(table.general, exception):
        return _GENERAL
    name = exception.partition(":")[0].strip().rpartition(".")[2]
    return re.sub(r"(?:Exception|Error)$", "", name).lower()


def _same_kind(source: Answer, target: Answer, tables: tuple[RunTable, RunTable]) -> bool:
    kinds = [kind_of(a.exception, t) for a, t in zip((source, target), tables, strict=True)]
    return _GENERAL in kinds or kinds[0] == kinds[1]


def same_values(left: object, right: object, tolerance: float, depth: int = 0) -> bool:
    """Tell whether two values of the JSON protocol are the same.

    Raises:
        Incomparable: One of them is of a type that other languages do not have.
    """
    left, right = _special(left), _special(right)
    if depth > _MAX_DEPTH or _is_other(left) or _is_other(right):
        raise Incomparable
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _same_numbers(left, right, tolerance)
    if isinstance(left, list) and isinstance(right, Mapping):
        left = _table_of(left, right)
    if isinstance(right, list) and isinstance(left, Mapping):
        right = _table_of(right, left)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _same_tables(left, right, tolerance, depth)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            same_values(*pair, tolerance, depth + 1) for pair in zip(left, right, strict=True)
        )
    return type(left) is type(right) and left == right


def shown(value: object) -> str:
    """Return a value for people, shortened."""
    text = _printable(json.dumps(_plain(value), ensure_ascii=False))
    return text if len(text) <= 200 else f"{text[:197]}..."


def encoded(value: Value) -> object:
    """Return what the JSON protocol has for an argument; floats that JSON lacks are named."""
    if isinstance(value, float) and not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return {"float": name}
    if isinstance(value, list):
        return [encoded(one) for one in value]
    if isinstance(value, dict):
        return {"map": [[encoded(key), encoded(one)] for key, one in value.items()]}
    return value


def _printable(text: str) -> str:
    """Return a text with half characters spelled out: strings of UTF-16 hold them, UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _same_arguments(left: Sequence[object], right: Sequence[object], tolerance: float) -> bool:
    """Compare the lists and tables among the arguments, where both sides show them."""
    return all(
        same_values(one, other, tolerance)
        for one, other in zip(left, right, strict=False)
        if isinstance(one, list | dict) and isinstance(other, list | dict)
    )


def _same_output(left: Answer, right: Answer, tolerance: float) -> bool:
    words, others = left.output.split(), right.output.split()
    if len(words) != len(others):
        return False
    return all(a == b or _same_words(a, b, tolerance) for a, b in zip(words, others, strict=True))


def _same_words(left: str, right: str, tolerance: float) -> bool:
    try:
        return _same_numbers(float(left), float(right), tolerance)
    except ValueError:
        return False


def _same_numbers(left: float, right: float, tolerance: float) -> bool:
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    try:
        one, other = float(left), float(right)
    except OverflowError:
        return left == right
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def _same_tables(
    left: Mapping[str, object], right: Mapping[str, object], tolerance: float, depth: int
) -> bool:
    if set(left) != set(right):
        return False
    if "set" in left:
        sides = [sorted(_members(one["set"]), key=_order) for one in (left, right)]
        return same_values(sides[0], sides[1], tolerance, depth + 1)
    tables = [
        {_order(_pair(entry)[0]): _pair(entry)[1] for entry in _members(one["map"])}
        for one in (left, right)
    ]
    return set(tables[0]) == set(tables[1]) and all(
        same_values(value, tables[1][key], tolerance, depth + 1) for key, value in tables[0].items()
    )


def _table_of(value: list[object], like: Mapping[str, object]) -> object:
    """Return a list as table of its places: some languages do not tell the two apart."""
    return {"map": [[place, one] for place, one in enumerate(value)]} if "map" in like else value


def _members(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Incomparable
    return value


def _pair(entry: object) -> tuple[object, object]:
    if not isinstance(entry, list) or len(entry) != 2:
        raise Incomparable
    return entry[0], entry[1]


def _order(value: object) -> str:
    """Return a text by which members are sorted and keys compared: 1, 1.0 and "1" are one key."""
    value = _special(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _special(value: object) -> object:
    if isinstance(value, Mapping) and set(value) == {"float"}:
        return float(str(value["float"]).replace("Infinity", "inf"))
    return value


def _is_other(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) not in ({"map"}, {"set"})


def _plain(value: object) -> object:
    """Return a value of the protocol without its marks, for people."""
    if isinstance(value, Mapping):
        if "map" in value:
            return {_order(_pair(one)[0]): _plain(_pair(one)[1]) for one in value["map"]}
        special = _special(value)
        return special if isinstance(special, float) else _plain(next(iter(value.values()), None))
    return [_plain(one) for one in value] if isinstance(value, list) else value

"""Simpler inputs than a given one, the simplest first: to show people a small failing call."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fedtranslate.checks.behave.inputs import Input, Value, is_edge
from fedtranslate.checks.behave.types import Kind, Type

_MAX = 40


def simpler_inputs(given: Input, types: Sequence[Type]) -> list[Input]:
    """Return inputs in which one argument is simpler; none when all are as simple as can be."""
    found: dict[str, Input] = {}
    for place, value in enumerate(given.arguments):
        for smaller in simpler_values(value, types[place]):
            arguments = [*given.arguments[:place], smaller, *given.arguments[place + 1 :]]
            _keep_lengths(arguments, value, smaller)
            made = replace(given, arguments=tuple(arguments))
            found.setdefault(repr(arguments), made)
            if len(found) == _MAX:
                return list(found.values())
    return list(found.values())


def simpler_values(value: Value, kind: Type) -> Iterator[Value]:
    """Yield values that are simpler than ``value``, of the same type."""
    if kind.kind is Kind.CHAR:
        if value != "a":
            yield "a"
    elif isinstance(value, bool):
        if value:
            yield False
    elif isinstance(value, int):
        yield from _integers(value)
        if value < 0 and not is_edge(value, kind):
            yield -value
    elif isinstance(value, float):
        yield from (
            one
            for one in (0.0, 1.0, float(round(value)) if abs(value) < 1e15 else 1.0)
            if repr(one) != repr(value) and value not in (0.0, 1.0)
        )
    elif isinstance(value, str):
        yield from _shorter(value, "")
        yield from (value[:i] + "a" + value[i + 1 :] for i, x in enumerate(value) if x not in "a ")
    elif isinstance(value, list):
        yield from _shorter(value, [])
        for place, one in enumerate(value):
            for smaller in simpler_values(one, kind.parts[0]):
                yield [*value[:place], smaller, *value[place + 1 :]]
    else:
        for key in value:
            yield {other: one for other, one in value.items() if other != key}


def _keep_lengths(arguments: list[Value], before: Value, after: Value) -> None:
    """Let integers go along that are as large as a list or text was long."""
    if not isinstance(before, list | str) or not isinstance(after, list | str):
        return
    for place, other in enumerate(arguments):
        if type(other) is int and other == len(before):
            arguments[place] = len(after)


def _integers(value: int) -> Iterator[int]:
    if value:
        yield 0
    if abs(value) > 1:
        yield 1 if value > 0 else -1
        yield from (value // 2 if value > 0 else -(-value // 2), value - (1 if value > 0 else -1))


def _shorter(
    value: "str | list[Value]", empty: "str | list[Value]"
) -> "Iterator[str | list[Value]]":
    size = len(value)
    if size == 0:
        return
    yield empty
    if size > 2:
        yield value[: size // 2]
        yield value[size // 2 :]
    if size > 1:
        for place in range(size):
            yield value[:place] + value[place + 1 :]  # type: ignore[operator]

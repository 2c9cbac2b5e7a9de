"""Compare a function with its translation: called with the same inputs, do they do the same?

Equality on some hundred inputs is no proof.  Said to be not comparable is what has no answer:
functions whose types are not known, which use clocks, random numbers or files (by a pattern in the
pack that rather suspects too many), or whose source answers differently when it is asked twice.
"""

from collections.abc import Callable as Check
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fedtranslate.checks.behave.answers import (
    Answer,
    Ending,
    Incomparable,
    difference,
    encoded,
    shown,
)
from fedtranslate.checks.behave.calls import Callable, opened
from fedtranslate.checks.behave.functions import Function, parameter_types
from fedtranslate.checks.behave.inputs import Input, is_edge, make_inputs
from fedtranslate.checks.behave.purity import impurity
from fedtranslate.checks.behave.simpler import simpler_inputs
from fedtranslate.checks.behave.tables import RunTable, required_behaviour
from fedtranslate.checks.behave.types import Kind, Type, common

TOLERANCE = 1e-9
_FLOAT32_TOLERANCE = 1e-5
_ENOUGH = 0.5
"""Share of the inputs that must be comparable, or nothing is said."""
_ROUNDS = 12
_SHOWN = 3


class Likeness(StrEnum):
    """What was found."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_COMPARABLE = "not_comparable"
    UNDECIDED = "undecided"
    """The source itself fails to answer on too many inputs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One call on which both sides differ."""

    arguments: tuple[object, ...]
    """In the JSON protocol."""
    what: str
    """Result, exception, arguments, output or ending."""
    source: Answer
    target: Answer
    edge: bool
    """Whether an argument is at the limits of its type, not finite or not ASCII."""

    def in_words(self, name: str) -> str:
        """Return the call, and what each side did, for people."""
        call = f"{name}({', '.join(map(shown, self.arguments))})"
        said = [self.source.in_words(), self.target.in_words()]
        if self.what == "arguments":
            for place, answer in enumerate((self.source, self.target)):
                said[place] += f" and left {', '.join(map(shown, answer.arguments))}"
        elif self.what == "output":
            for place, answer in enumerate((self.source, self.target)):
                said[place] += f" and printed {shown(answer.output)}"
        return f"{call}: the source {said[0]}, the target {said[1]}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a function and its translation compare."""

    likeness: Likeness
    reason: str = ""
    """Why nothing can be said; or what is to be known of the differences."""
    inputs: int = 0
    """How many were compared."""
    equal: int = 0
    skipped: int = 0
    """Inputs on which the source did not come to an end, or gave what no other language has."""
    differences: tuple[Difference, ...] = ()
    """The first few; the very first is made as simple as was possible."""


def compare(
    source: Function,
    target: Function,
    *,
    count: int = 200,
    seed: int = 0,
    edges: bool = True,
    tolerance: float = TOLERANCE,
    seconds: float | None = None,
) -> Comparison:
    """Call both functions with the same ``count`` inputs.

    Args:
        source: The original, which is taken to be right.
        target: Its translation.
        count: How many inputs; fewer where the types have no more values.
        seed: Of the inputs.
        edges: Whether values at the limits of their types are among them.
        tolerance: Of floats, relative and absolute.
        seconds: How long a call may take; what the packs say if not given.

    Raises:
        CheckError: A pack does not tell how functions are called, or there is no sandbox.
        PackError: A pack's behave.toml is malformed.
    """
    types = shared_types(source, target)
    if isinstance(types, str):
        return Comparison(Likeness.NOT_COMPARABLE, types)
    for function in (source, target):
        if found := impurity(function):
            said = f"{function.name} ({function.pack.title}) may depend on more: {found}"
            return Comparison(Likeness.NOT_COMPARABLE, said)
    names = [a.name or b.name for a, b in zip(source.parameters, target.parameters, strict=True)]
    inputs = make_inputs(types, names, count=count, seed=seed, edges=edges)
    with opened(source, seconds) as left, opened(target, seconds) as right:
        if isinstance(left, str):
            return Comparison(Likeness.NOT_COMPARABLE, f"the source: {left}")
        if isinstance(right, str):
            return Comparison(Likeness.DIFFERENT, f"the target: {right}")
        return _Trial(left, right, types, _tables(source, target), _tolerant(types, tolerance)).run(
            inputs
        )


def shared_types(source: Function, target: Function) -> list[Type] | str:
    """Return the types of the inputs that both sides take; or why there are none."""
    sides = parameter_types(source), parameter_types(target)
    if len(sides[0]) != len(sides[1]):
        return f"the source has {len(sides[0])} parameters, the target {len(sides[1])}"
    types = []
    for place, (left, right) in enumerate(zip(*sides, strict=True)):
        written = [one.parameters[place].written for one in (source, target)]
        both = common(left, right)
        if both is None:
            return f"parameter {place + 1} is {written[0]!r} here and {written[1]!r} there"
        if not both.is_known():
            said = " and ".join(repr(one) for one in written if one) or "not written on either side"
            return f"the type of parameter {place + 1} is not known: {said}"
        types.append(both)
    return types


@dataclass(frozen=True, slots=True)
class _Trial:
    """Two functions that are ready to be called, and how their answers are compared."""

    source: Callable
    target: Callable
    types: Sequence[Type]
    tables: tuple[RunTable, RunTable]
    tolerance: float

    def run(self, inputs: Sequence[Input]) -> Comparison:
        first = self.source.call(inputs)
        if self._is_unsteady(inputs, first):
            return Comparison(
                Likeness.NOT_COMPARABLE, "the source answers differently when asked twice"
            )
        answers = self.target.call(inputs)
        found: list[Difference] = []
        compared = 0
        for given, left, right in zip(inputs, first, answers, strict=True):
            what = self._difference(left, right)
            if what is None:
                continue
            compared += 1
            if what:
                found.append(_difference(given, what, left, right))
        if compared < len(inputs) * _ENOUGH and not found:
            return Comparison(
                Likeness.UNDECIDED,
                _why(first, answers),
                inputs=compared,
                equal=compared,
                skipped=len(inputs) - compared,
            )
        if found:
            found.sort(key=lambda one: one.edge)
            found[0] = self._simplest(found[0], inputs, first, answers)
        return Comparison(
            Likeness.DIFFERENT if found else Likeness.EQUAL,
            _note(found, compared),
            inputs=compared,
            equal=compared - len(found),
            skipped=len(inputs) - compared,
            differences=tuple(found[:_SHOWN]),
        )

    def _is_unsteady(self, inputs: Sequence[Input], first: Sequence[Answer]) -> bool:
        """Ask the source again what it answered."""
        asked = [
            (given, answer)
            for given, answer in zip(inputs, first, strict=True)
            if answer.ending in (Ending.RESULT, Ending.EXCEPTION)
        ]
        again = self.source.call([given for given, _ in asked])
        for (_, one), other in zip(asked, again, strict=True):
            try:
                if difference(one, other, (self.tables[0], self.tables[0]), 0.0):
                    return True
            except Incomparable:
                continue
        return False

    def _difference(self, left: Answer, right: Answer) -> str | None:
        """Return in what two answers differ; None when nothing can be said."""
        if left.ending in (Ending.TIME, Ending.LOST) or right.ending is Ending.LOST:
            return None
        try:
            return difference(left, right, self.tables, self.tolerance)
        except Incomparable:
            return None

    def _simplest(
        self,
        found: Difference,
        inputs: Sequence[Input],
        first: Sequence[Answer],
        answers: Sequence[Answer],
    ) -> Difference:
        """Return a difference of the same kind on a simpler input, where one is found."""
        best = next(
            _difference(given, found.what, left, right)
            for given, left, right in zip(inputs, first, answers, strict=True)
            if left is found.source
        )
        arguments = next(g for g, left in zip(inputs, first, strict=True) if left is found.source)
        if found.target.ending is Ending.TIME:
            return best
        for _ in range(_ROUNDS):
            tried = [
                replace(one, edge=any(map(is_edge, one.arguments, self.types)))
                for one in simpler_inputs(arguments, self.types)
            ]
            smaller = next(self._differing(tried, found.what), None) if tried else None
            if smaller is None:
                return best
            arguments, best = smaller
        return best

    def _differing(self, tried: Sequence[Input], what: str) -> Iterator[tuple[Input, Difference]]:
        pairs = zip(tried, self.source.call(tried), self.target.call(tried), strict=True)
        for given, left, right in pairs:
            if self._difference(left, right) == what:
                yield given, _difference(given, what, left, right)


def _difference(given: Input, what: str, left: Answer, right: Answer) -> Difference:
    arguments = tuple(encoded(one) for one in given.arguments)
    return Difference(arguments, what, left, right, given.edge)


def _note(found: Sequence[Difference], compared: int) -> str:
    if found and all(one.edge for one in found):
        return (
            f"{len(found)} of {compared} inputs differ, all of them with numbers near the limits of"
            " their types, numbers that are not finite, or text that is not ASCII"
        )
    return f"{len(found)} of {compared} inputs differ" if found else ""


def _why(source: Sequence[Answer], target: Sequence[Answer]) -> str:
    """Return why most inputs could not be compared."""
    is_lost: Check[[Answer], bool] = lambda one: one.ending is Ending.LOST  # noqa: E731
    for side, answers in (("source", source), ("target", target)):
        lost = next((one for one in answers if is_lost(one) and one.exception), None)
        if lost:
            return f"the {side} could not be called: {lost.exception}"
    if any(one.ending is Ending.TIME for one in source):
        return "the source did not come to an end on too many inputs"
    return "the values that come out have no counterpart in other languages"


def _tables(source: Function, target: Function) -> tuple[RunTable, RunTable]:
    return required_behaviour(source.pack).run, required_behaviour(target.pack).run


def _tolerant(types: Sequence[Type], tolerance: float) -> float:
    short = any(Kind.FLOAT32 in str(kind) for kind in types)
    return max(tolerance, _FLOAT32_TOLERANCE) if short else tolerance

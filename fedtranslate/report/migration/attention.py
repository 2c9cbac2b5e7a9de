"""What of a migration needs a human first."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from fedtranslate.migration.states import PlannedUnit, UnitState
from fedtranslate.records import CompileState

LOW_CONFIDENCE = 0.7
"""Of the model; what is below is told."""


class Need(IntEnum):
    """Why a human should look, the most urgent first."""

    FAILED = 0
    PENDING = 1
    BUILD = 2
    """The build complains of lines of its file that belong to no unit."""
    UNCHECKED = 3
    """No compiler has judged it, or it could not know all names."""
    LOST = 4
    CONFIDENCE = 5
    NONE = 6
    RULE = 7
    MENDED = 8
    """It failed, and people have written it since."""


NEED_TITLES = {
    Need.FAILED: "failed",
    Need.PENDING: "not done yet",
    Need.BUILD: "the build complains in its file",
    Need.UNCHECKED: "never compiled",
    Need.LOST: "something was lost",
    Need.CONFIDENCE: "low confidence",
    Need.NONE: "nothing is known against it",
    Need.RULE: "written by rule",
    Need.MENDED: "people have written it",
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a unit stands in the order of review; orders by need, then doubt, then place."""

    need: Need
    doubt: float
    path: str
    start: int
    unit: str


def place_of(unit: PlannedUnit, troubled: Collection[str], mended: Collection[str] = ()) -> Place:
    """Return where a unit stands in the order of review.

    Args:
        unit: Its text is not needed.
        troubled: Paths of files in which the build complains of what is no unit.
        mended: Ids of units that failed, and that people have written since.
    """
    confidence = 1.0 if unit.confidence is None else unit.confidence
    need = Need.MENDED if unit.id in mended else _need(unit, troubled)
    return Place(need, confidence, unit.path, unit.start, unit.id)


def _need(unit: PlannedUnit, troubled: Collection[str]) -> Need:
    if unit.state is UnitState.RULE:
        return Need.LOST if unit.lost else Need.RULE
    if unit.state is UnitState.FAILED:
        return Need.FAILED
    if unit.state is UnitState.PENDING:
        return Need.PENDING
    if unit.path in troubled:
        return Need.BUILD
    if unit.compile_state not in (CompileState.COMPILED, CompileState.TESTS_PASSED):
        return Need.UNCHECKED
    if unit.lost:
        return Need.LOST
    if unit.confidence is not None and unit.confidence < LOW_CONFIDENCE:
        return Need.CONFIDENCE
    return Need.NONE


def in_words(need: Need, unit: PlannedUnit) -> str:
    """Return why a human should look at a unit."""
    if need is Need.UNCHECKED and unit.compile_state is CompileState.UNRESOLVED_ONLY:
        return "the compiler could not know all names"
    if need is Need.UNCHECKED and unit.behaves:
        return "never compiled with the rest"
    if need is Need.LOST:
        many = len(unit.lost) > 1
        things = "things" if unit.state is UnitState.RULE else "comments or annotations"
        return f"lost {len(unit.lost)} {things}" if many else f"lost {unit.lost[0]}"
    return NEED_TITLES[need]

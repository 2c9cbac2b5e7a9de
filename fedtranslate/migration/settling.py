"""Which candidate stands for a unit, and what becomes of one that has none."""

import math
from collections.abc import Sequence
from dataclasses import replace

from fedtranslate.migration.states import Attempt, PlannedUnit, UnitState


def standing(unit: PlannedUnit, attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the best candidate that nothing speaks against; None when there is none.

    Of the newest attempt that has one, the candidate of the greatest score counts.
    """
    good = [one for one in attempts if not one.rejected and one.attempt >= unit.since]
    return min(good, key=_order, default=None)


def next_attempt(unit: PlannedUnit, attempts: Sequence[Attempt]) -> int:
    """Return the number of the attempt that comes next."""
    return max((one.attempt + 1 for one in attempts), default=unit.since)


def with_candidate(unit: PlannedUnit, chosen: Attempt) -> PlannedUnit:
    """Return a unit for which ``chosen`` stands."""
    confidence = None if chosen.score is None else math.exp(min(0.0, chosen.score))
    return replace(
        unit,
        attempt=chosen.attempt,
        candidate=chosen.candidate,
        confidence=confidence,
        reason="",
    )


def failed(unit: PlannedUnit, attempts: Sequence[Attempt]) -> PlannedUnit:
    """Return a unit that is given up, with the reason in words."""
    tried = [one for one in attempts if one.attempt >= unit.since]
    return replace(unit, state=UnitState.FAILED, reason=_why(tried), lost=(), confidence=None)


def _why(attempts: Sequence[Attempt]) -> str:
    if not attempts:
        return "nothing was written for it"
    # What was nearest to passing says most about what is missing.
    nearest = min(attempts, key=lambda one: (len(one.problems), -one.attempt, one.candidate))
    times = f" (the best of {len(attempts)} attempts)" if len(attempts) > 1 else ""
    if not nearest.problems:
        return f"rejected{times}"
    first = nearest.problems[0]
    code = f"{first.code} " if first.code else ""
    # What is wrong with an answer that never came, or came in part, is at no line of it.
    place = f"line {first.line}: " if nearest.finished else ""
    return f"{place}{code}{first.message.rstrip('.')}{times}"


def _order(one: Attempt) -> tuple[int, float, int]:
    return (-one.attempt, math.inf if one.score is None else -one.score, one.candidate)

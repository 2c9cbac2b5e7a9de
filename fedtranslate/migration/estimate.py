"""How much work a plan is: units, tokens, and time where it can be known."""

from collections.abc import Callable
from dataclasses import dataclass

from fedtranslate.migration.journal import Journal
from fedtranslate.migration.states import UnitState

_SAMPLE = 200
"""Units whose tokens are counted; the rest is told from their length."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to be done."""

    files: int
    """Files of code."""
    units: int
    """All that a model writes."""
    pending: int
    """Those of them that are not done."""
    by_rule: int
    """Declarations that need no model."""
    characters: int
    """Of the pending units."""
    tokens: int
    """Of their questions and answers, about: an answer is taken to be as long as its question."""
    seconds: float | None
    """About; None where no rate is known."""


def estimate(journal: Journal, count_tokens: Callable[[str], int], rate: float | None) -> Estimate:
    """Estimate what the plan in ``journal`` takes.

    Args:
        journal: With a plan.
        count_tokens: Of the engine.
        rate: Tokens per second, questions and answers together, as measured by an earlier run;
            None where there was none.
    """
    sample = list(journal.sample_texts(UnitState.PENDING, _SAMPLE))
    characters = journal.characters(UnitState.PENDING)
    seen = sum(map(len, sample))
    per_character = sum(map(count_tokens, sample)) / seen if seen else 0.0
    tokens = round(2 * characters * per_character)
    pending = journal.count_units(UnitState.PENDING)
    by_rule = journal.count_units(UnitState.RULE)
    units = sum(count for (state, _), count in journal.counts().items()) - by_rule
    return Estimate(
        files=journal.count_files("code"),
        units=units,
        pending=pending,
        by_rule=by_rule,
        characters=characters,
        tokens=tokens,
        seconds=tokens / rate if rate else None,
    )

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
    characters = journal.characters(UnitState.PENDING)
    tokens = round(2 * characters * _density(journal, UnitState.PENDING, count_tokens))
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


def written_tokens(journal: Journal, count_tokens: Callable[[str], int]) -> int:
    """Return how many tokens the questions and answers of all units that are done took, about."""
    characters = journal.characters(UnitState.DONE)
    return round(2 * characters * _density(journal, UnitState.DONE, count_tokens))


def _density(journal: Journal, state: UnitState, count_tokens: Callable[[str], int]) -> float:
    """Return the tokens of a character, by some of the units."""
    sample = list(journal.sample_texts(state, _SAMPLE))
    seen = sum(map(len, sample))
    return sum(map(count_tokens, sample)) / seen if seen else 0.0

"""Say how sure a corpus's score is, and whether two systems differ.

A score that is made of counts is drawn anew from the counts: the units are drawn with replacement,
their rows are added, and the score is made of the sum.  Means of units are never taken for it.

Two tests, and both are told by name in the answer.  A mean is tested by the bootstrap, shifted so
that there is no difference on average.  What is no mean is tested by approximate randomisation: if
the systems were alike, it would not matter which of them wrote which of the two translations, so
they change places at random.  Both count the observed set as one of the drawn ones, so that no
p-value is 0.

Reference:
    Koehn 2004 (paired bootstrap); Riezler and Maxwell 2005 (approximate randomisation for machine
    translation); Davison and Hinkley 1997, chapter 4 (the +1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fedtranslate.metrics.tally import Rows, Tally

SAMPLES = 1_000
_DRAWS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true score lies, with the confidence asked for."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a metric of system ``a`` differs from that of ``b``; positive when ``a`` is higher."""

    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    """How likely so large a difference is, in either direction, if the systems are alike."""
    test: str


def intervals(
    tallies: Sequence[Tally], *, seed: int, samples: int = SAMPLES, confidence: float = 0.95
) -> dict[str, Interval]:
    """Return a bootstrap interval for every metric, all from the same drawn sets.

    Args:
        tallies: Metrics of the same units, at least one unit.
        seed: The same seed gives the same answer.
        samples: How many sets are drawn.
        confidence: Of the intervals, in (0, 1).

    Raises:
        ValueError: A number makes no sense.
    """
    drawn = _drawn_scores([tallies], seed=seed, samples=samples, confidence=confidence)[0]
    return {
        tally.name: Interval(*_edges(scores, confidence))
        for tally, scores in zip(tallies, drawn, strict=True)
    }


def differences(
    a: Sequence[Tally],
    b: Sequence[Tally],
    *,
    seed: int,
    samples: int = SAMPLES,
    confidence: float = 0.95,
) -> tuple[Difference, ...]:
    """Compare two systems in every metric.

    Args:
        a: Metrics of one system.
        b: The same metrics of the other, on the same units in the same order.
        seed: The same seed gives the same answer.
        samples: How many sets are drawn, for the interval and again for the test.
        confidence: Of the intervals, in (0, 1).

    Raises:
        ValueError: The systems have other metrics or units, or a number makes no sense.
    """
    if [tally.name for tally in a] != [tally.name for tally in b] or any(
        len(one.rows) != len(other.rows) for one, other in zip(a, b, strict=True)
    ):
        raise ValueError("Two systems are compared in the same metrics, on the same units.")
    drawn = _drawn_scores([a, b], seed=seed, samples=samples, confidence=confidence)
    swapped = _swapped_differences(a, b, seed=seed, samples=samples)
    found = []
    for one, other, ones, others, null in zip(a, b, *drawn, swapped, strict=True):
        difference = one.value() - other.value()
        spread = np.asarray(ones) - np.asarray(others)
        if one.is_mean:
            null, test = spread - difference, "paired bootstrap, shifted"
        else:
            test = "paired approximate randomisation"
        # Sums that are equal on paper may differ in the last bits.
        extreme = int(np.sum(np.abs(null) >= abs(difference) - 1e-9))
        found.append(
            Difference(
                metric=one.name,
                difference=difference,
                low=(edges := _edges(spread, confidence))[0],
                high=edges[1],
                p_value=(extreme + 1) / (samples + 1),
                test=test,
            )
        )
    return tuple(found)


def _drawn_scores(
    systems: Sequence[Sequence[Tally]], *, seed: int, samples: int, confidence: float
) -> list[list[Rows]]:
    """Return for each system and metric its scores on every drawn set, the same sets for all."""
    units = len(systems[0][0].rows) if systems and systems[0] else 0
    if not units or samples < 1 or not 0 < confidence < 1:
        raise ValueError(
            f"{units} units, samples={samples} or confidence={confidence} make no sense."
        )
    generator = np.random.default_rng(seed)
    found: list[list[list[Rows]]] = [[[] for _ in system] for system in systems]
    for size in _steps(samples, units):
        picks = generator.integers(units, size=(size, units))
        times = np.stack([np.bincount(pick, minlength=units) for pick in picks]).astype(np.float64)
        for system, columns in zip(systems, found, strict=True):
            for tally, column in zip(system, columns, strict=True):
                column.append(_scores(tally, times @ tally.rows))
    return [[np.concatenate(column) for column in columns] for columns in found]


def _swapped_differences(
    a: Sequence[Tally], b: Sequence[Tally], *, seed: int, samples: int
) -> list[Rows]:
    """Return the differences when translations change places at random, for each metric."""
    units = len(a[0].rows)
    generator = np.random.default_rng([seed, 1])
    found: list[list[Rows]] = [[] for _ in a]
    for size in _steps(samples, units):
        swaps = generator.integers(2, size=(size, units)).astype(np.float64)
        for one, other, column in zip(a, b, found, strict=True):
            if one.is_mean:  # tested otherwise
                column.append(np.zeros(size))
                continue
            moved = swaps @ (other.rows - one.rows)
            ones, others = one.rows.sum(axis=0) + moved, other.rows.sum(axis=0) - moved
            column.append(_scores(one, ones) - _scores(other, others))
    return [np.concatenate(column) for column in found]


def _steps(samples: int, units: int) -> Iterator[int]:
    """Yield how many sets to draw at once, so that memory is bounded."""
    step = max(1, _DRAWS_AT_ONCE // units)
    for done in range(0, samples, step):
        yield min(step, samples - done)


def _scores(tally: Tally, sums: Rows) -> Rows:
    return np.array([tally.score(row) for row in sums.tolist()])


def _edges(scores: Rows, confidence: float) -> tuple[float, float]:
    edge = (1 - confidence) / 2
    low, high = np.quantile(scores, [edge, 1 - edge])
    return float(low), float(high)

"""Say how sure a difference is that was seen on a few pairs.

A site may have 15 pairs to decide with.  Two models are therefore compared pair by pair, and the
pairs are drawn again many times: what still holds for the drawn sets is not owed to one lucky pair.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_DRAWS_AT_ONCE = 1_000_000
"""Bounds memory: 8 bytes each."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the scores of ``a`` differ from those of ``b``; positive when ``a`` is higher."""

    mean_difference: float
    low: float
    """Lower end of the interval that has the true difference with the confidence asked for."""
    high: float
    probability_better: float
    """Share of the drawn sets in which ``a`` is higher; a tie counts half."""


def paired_bootstrap(
    a: Sequence[float],
    b: Sequence[float],
    *,
    samples: int = 2000,
    seed: int,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two lists of scores of the same units by paired bootstrap.

    Args:
        a: Scores of one system, one per unit, at least one, all finite.
        b: Scores of the other on the same units, in the same order.
        samples: How many sets are drawn.
        seed: The same seed gives the same answer.
        confidence: Of the interval [low, high], in (0, 1).

    Raises:
        ValueError: The lists break one of the conditions above.

    Reference:
        Koehn 2004, Statistical significance tests for machine translation evaluation.
    """
    if len(a) != len(b) or not a:
        raise ValueError(f"Scores of the same units are needed, got {len(a)} and {len(b)}.")
    if samples < 1 or not 0 < confidence < 1:
        raise ValueError(f"samples={samples} or confidence={confidence} makes no sense.")
    differences = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    if not np.isfinite(differences).all():
        raise ValueError("Scores must be finite numbers.")
    means = _drawn_means(differences, samples, seed)
    edge = (1 - confidence) / 2
    low, high = np.quantile(means, [edge, 1 - edge])
    better = np.mean(means > 0) + np.mean(means == 0) / 2
    return Comparison(
        mean_difference=math.fsum(differences) / len(differences),
        low=float(low),
        high=float(high),
        probability_better=float(better),
    )


def _drawn_means(values: _Floats, samples: int, seed: int) -> _Floats:
    """Return the means of ``samples`` sets drawn with replacement, each as large as ``values``."""
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWS_AT_ONCE // len(values))
    means = [
        values[generator.integers(len(values), size=(min(step, samples - done), len(values)))].mean(
            axis=1
        )
        for done in range(0, samples, step)
    ]
    return np.concatenate(means)

"""Count how many n-grams of a prediction its reference has too.

The raw material of BLEU and of two parts of CodeBLEU.  All counts are integers and additive,
so a corpus is scored from the sum of its units, whatever their order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

ORDERS = 4
"""The longest n-gram that is counted (Papineni et al. 2002)."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a prediction shares with its reference, for n-grams of 1 to ORDERS tokens."""

    matched: tuple[int, ...]
    """Clipped: an n-gram counts at most as often as the reference has it."""
    predicted: tuple[int, ...]
    """N-grams of the prediction, for each order."""
    referenced: tuple[int, ...]
    """N-grams of the reference, for each order."""
    prediction_length: int
    reference_length: int


class Grams(NamedTuple):
    """The n-grams of one text, counted once for all the texts it is compared with."""

    bags: tuple[Counter[Any], ...]
    """For each order; single tokens stand for themselves, longer ones are tuples."""
    length: int
    """In tokens."""


def count_grams(tokens: Sequence[str]) -> Grams:
    """Count the n-grams of 1 to ORDERS tokens."""
    bags = [Counter[Any](tokens)]
    bags += [
        Counter(zip(*(tokens[start:] for start in range(order)), strict=False))
        for order in range(2, ORDERS + 1)
    ]
    return Grams(tuple(bags), len(tokens))


def overlap(prediction: Sequence[str], reference: Sequence[str]) -> Overlap:
    """Count the n-grams of two token sequences, and those they share."""
    return overlap_of(count_grams(prediction), count_grams(reference))


def overlap_of(prediction: Grams, reference: Grams) -> Overlap:
    """Count what two texts share, whose n-grams are counted already."""
    return Overlap(
        matched=tuple(map(shared, prediction.bags, reference.bags)),
        predicted=places(prediction.length),
        referenced=places(reference.length),
        prediction_length=prediction.length,
        reference_length=reference.length,
    )


def shared(first: Counter[Any], second: Counter[Any]) -> int:
    """Return the size of the intersection of two bags."""
    if len(second) < len(first):
        first, second = second, first
    find = second.get
    return sum([min(count, other) for key, count in first.items() if (other := find(key))])


def places(length: int) -> tuple[int, ...]:
    """Return how many n-grams of each order a text of ``length`` tokens has."""
    return tuple([max(0, length - order) for order in range(ORDERS)])


def total(overlaps: Iterable[Overlap]) -> Overlap:
    """Add up the counts of many units."""
    matched, predicted, referenced = [0] * ORDERS, [0] * ORDERS, [0] * ORDERS
    prediction_length = reference_length = 0
    for one in overlaps:
        for order in range(ORDERS):
            matched[order] += one.matched[order]
            predicted[order] += one.predicted[order]
            referenced[order] += one.referenced[order]
        prediction_length += one.prediction_length
        reference_length += one.reference_length
    return Overlap(
        matched=tuple(matched),
        predicted=tuple(predicted),
        referenced=tuple(referenced),
        prediction_length=prediction_length,
        reference_length=reference_length,
    )

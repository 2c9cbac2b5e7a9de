"""Count how many n-grams of a prediction its reference has too.

The raw material of BLEU and of two parts of CodeBLEU.  All counts are integers and additive,
so a corpus is scored from the sum of its units, whatever their order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def overlap(prediction: Sequence[str], reference: Sequence[str]) -> Overlap:
    """Count the n-grams of two token sequences, and those they share."""
    return Overlap(
        matched=tuple(_shared(prediction, reference, n) for n in range(1, ORDERS + 1)),
        predicted=_places(prediction),
        referenced=_places(reference),
        prediction_length=len(prediction),
        reference_length=len(reference),
    )


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


def _shared(prediction: Sequence[str], reference: Sequence[str], order: int) -> int:
    """Return the size of the intersection of both bags of n-grams."""
    if len(prediction) < order or len(reference) < order:
        return 0
    return (_bag(prediction, order) & _bag(reference, order)).total()


def _bag(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))


def _places(tokens: Sequence[str]) -> tuple[int, ...]:
    """Return how many n-grams there are for each order."""
    return tuple(max(0, len(tokens) - order) for order in range(ORDERS))

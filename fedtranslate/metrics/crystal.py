"""CrystalBLEU's idea: BLEU without the n-grams that any two texts of a language share.

Brackets, ``) ;`` and ``public static void`` match between translations that have nothing to do with
each other.  The most frequent n-grams of a corpus are therefore struck out on both sides before
counting; the lengths stay those of the whole texts.

Reference:
    Eghbali and Pradel 2022, CrystalBLEU, doi:10.1145/3551349.3556903.
"""

from collections import Counter
from collections.abc import Iterable, Set
from typing import Any, TypeAlias

from fedtranslate.metrics.codebleu.parts import Share, bleu_of_shares
from fedtranslate.metrics.ngrams import Grams, Overlap, count_grams, shared

Trivial: TypeAlias = Set[Any]
"""N-grams of all orders that do not count."""

MOST_FREQUENT = 500
"""How many n-grams are trivial, as in the paper."""


def trivial_ngrams(texts: Iterable[tuple[str, ...]], most: int = MOST_FREQUENT) -> Trivial:
    """Return the most frequent n-grams of a corpus.

    Only n-grams that occur in two different texts can be trivially shared; of a small corpus there
    are then fewer than ``most``.  Of equally frequent ones the shortest are taken, and those that
    sort first, so the order of the texts does not matter.

    Args:
        texts: Tokens of each text, such as the references.
        most: How many n-grams at most, of all orders together.
    """
    counts: Counter[Any] = Counter()
    units: Counter[Any] = Counter()
    for tokens in dict.fromkeys(texts):
        for bag in count_grams(tokens).bags:
            counts.update(bag)
            units.update(bag.keys())
    often = [(-count, *_key(gram)) for gram, count in counts.items() if units[gram] > 1]
    chosen = sorted(often)[:most]
    return frozenset(gram if length > 1 else gram[0] for _, length, gram in chosen)


def crystal_overlap(prediction: Grams, reference: Grams, trivial: Trivial) -> Overlap:
    """Count what two texts share besides what is trivial."""
    mine, theirs = (
        [
            Counter({gram: count for gram, count in bag.items() if gram not in trivial})
            for bag in one
        ]
        for one in (prediction.bags, reference.bags)
    )
    return Overlap(
        matched=tuple(map(shared, mine, theirs)),
        predicted=tuple(bag.total() for bag in mine),
        referenced=tuple(bag.total() for bag in theirs),
        prediction_length=prediction.length,
        reference_length=reference.length,
    )


def crystal_bleu(counts: Overlap) -> float | None:
    """Return the score that counts amount to, 0 to 1; None when nothing but trivia is there."""
    if not any(counts.referenced):
        return None
    shares = [Share(*pair) for pair in zip(counts.matched, counts.predicted, strict=True)]
    return bleu_of_shares(shares, counts)


def _key(gram: Any) -> tuple[int, tuple[str, ...]]:  # noqa: ANN401
    return (1, (gram,)) if isinstance(gram, str) else (len(gram), gram)

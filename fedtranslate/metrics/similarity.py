"""How much of a translation a person would have to type anew."""

from collections import Counter
from collections.abc import Sequence

from fedtranslate.metrics.bleu import check_paired
from fedtranslate.metrics.ngrams import shared

CHARACTERS = 6
"""The longest n-gram of chrF, in characters."""
_RECALL_WEIGHT = 2


def edit_similarity(first: str, second: str) -> float:
    """Return 1 - distance / length of the longer text, 0 to 1; symmetric; two empty texts: 1."""
    longer = max(len(first), len(second))
    return 1 - edit_distance(first, second) / longer if longer else 1.0


def edit_distance(first: str, second: str) -> int:
    """Return how many characters to insert, delete or replace to make one text the other.

    A column of the table of distances is two integers: the bits that mark where it goes up and
    where it goes down by one.  Python's integers are as long as the text, so that a column costs
    a handful of operations, whatever the language of the text.

    Reference:
        Myers 1999, doi:10.1145/316542.316550, in the form of Hyyrö 2003.
    """
    first, second = _differing(first, second)
    if len(first) < len(second):
        first, second = second, first
    places: dict[str, int] = {}
    for index, character in enumerate(second):
        places[character] = places.get(character, 0) | 1 << index
    mask = (1 << len(second)) - 1
    last = mask & ~(mask >> 1)
    up, down, distance = mask, 0, len(second)
    for character in first:
        match = places.get(character, 0) | down
        zero = (((match & up) + up) ^ up) | match
        grows = down | ~(zero | up) & mask
        shrinks = up & zero
        distance += bool(grows & last) - bool(shrinks & last)
        grows = (grows << 1 | 1) & mask
        up = (shrinks << 1 | ~(zero | grows)) & mask
        down = grows & zero
    return distance if second else len(first)


def _differing(first: str, second: str) -> tuple[str, str]:
    """Return what is left of both texts without what they begin and end with alike."""
    start = _common(first, second)
    first, second = first[start:], second[start:]
    end = _common(first[::-1], second[::-1])
    return first[: len(first) - end], second[: len(second) - end]


def _common(first: str, second: str) -> int:
    """Return how many characters two texts have in common at the start."""
    both = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    return next((place for place, (one, other) in both if one != other), shorter)


def chrf(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Return chrF2 of the corpus, 0 to 100: shared n-grams of up to 6 characters.

    Of the lexical scores the one that agrees best with people about code (Evtikhiev et al.
    2023, arXiv:2208.03133).  White space does not count.

    Reference:
        Popović 2015, as sacrebleu computes it.
    """
    check_paired(predictions, references)
    if not predictions:
        return 0.0
    pairs = zip(predictions, references, strict=True)
    counts = [
        chrf_counts(character_grams(first), character_grams(second)) for first, second in pairs
    ]
    return chrf_score([sum(column) for column in zip(*counts, strict=True)])


def character_grams(text: str) -> list[Counter[str]]:
    """Return the n-grams of 1 to 6 characters of a text without its white space."""
    line = "".join(text.split())
    return [
        Counter([line[start : start + order] for start in range(len(line) - order + 1)])
        for order in range(1, CHARACTERS + 1)
    ]


def chrf_counts(mine: Sequence[Counter[str]], theirs: Sequence[Counter[str]]) -> list[int]:
    """Return for each order the n-grams of the prediction, of the reference, and of both.

    Those of the prediction do not count in an order that the reference is too short for.
    """
    found = []
    for first, second in zip(mine, theirs, strict=True):
        found += [first.total() if second else 0, second.total(), shared(first, second)]
    return found


def chrf_score(counts: Sequence[int]) -> float:
    """Return chrF2 of what ``chrf_counts`` has counted, of one text or of many, 0 to 100."""
    precision = recall = 0.0
    orders = 0
    for order in range(CHARACTERS):
        predicted, referenced, matched = counts[3 * order : 3 * order + 3]
        if predicted > 0 and referenced > 0:
            precision += matched / predicted
            recall += matched / referenced
            orders += 1
    if not precision + recall:
        return 0.0
    precision, recall, weight = precision / orders, recall / orders, _RECALL_WEIGHT**2
    score = (1 + weight) * precision * recall / (weight * precision + recall)
    return 100 * score

"""How much of a translation a person would have to type anew."""

from collections.abc import Sequence

import sacrebleu

from fedtranslate.metrics.bleu import check_paired


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
    return float(sacrebleu.corpus_chrf(list(predictions), [list(references)]).score)

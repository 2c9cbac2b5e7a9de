"""The four parts of CodeBLEU as counts, which add up over a corpus, and the scores they give.

    ngram           BLEU on the tokens
    weighted_ngram  the same, where a keyword counts five times as much as another token
    syntax          share of the reference's subtrees that the prediction has
    dataflow        share of the reference's data flow edges that the prediction has

A part about which the reference says nothing is undefined (None), and the others take over its
weight: a method without variables is judged by its tokens and its shape.  Ren et al. 2020,
arXiv:2009.10297.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fedtranslate.metrics.bleu import brevity
from fedtranslate.metrics.ngrams import ORDERS, Grams, Overlap, overlap_of, places, total

KEYWORD_WEIGHT = 5
"""Against 1 for any other token, as in the paper."""
_SMOOTHING = 0.1
"""Matches of an order that has none, so that one missing order is not the end (Chen and Cherry
2014, method 1; both published evaluators use it too)."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some things are found again."""

    found: int = 0
    all: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.found + other.found, self.all + other.all)

    def score(self) -> float | None:
        """Return the share, 0 to 1; None when there was nothing to be found."""
        return self.found / self.all if self.all else None


@dataclass(frozen=True, slots=True)
class Counts:
    """What one prediction shares with its reference."""

    tokens: Overlap
    weighted: Share
    """Single tokens of the prediction, by weight."""
    syntax: Share
    dataflow: Share
    units: int = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """The scores of the four parts, each 0 to 1; None where it is undefined."""

    ngram: float
    weighted_ngram: float
    syntax: float | None
    dataflow: float | None

    def combined(self) -> float:
        """Return CodeBLEU: the mean of the parts that are defined."""
        parts = (self.ngram, self.weighted_ngram, self.syntax, self.dataflow)
        defined = [part for part in parts if part is not None]
        return math.fsum(defined) / len(defined)


def sum_counts(counts: Iterable[Counts]) -> Counts:
    """Add up the counts of many units."""
    every = list(counts)
    return Counts(
        tokens=total(one.tokens for one in every),
        weighted=sum((one.weighted for one in every), Share()),
        syntax=sum((one.syntax for one in every), Share()),
        dataflow=sum((one.dataflow for one in every), Share()),
        units=sum(one.units for one in every),
    )


def token_counts(
    prediction: Grams, reference: Grams, keywords: frozenset[str], *, valid: bool
) -> tuple[Overlap, Share]:
    """Return the counts of both n-gram parts.

    Args:
        prediction: Its n-grams.
        reference: Its n-grams.
        keywords: Tokens that weigh more.
        valid: Whether the prediction may match anything; when it is no code, it does not.
    """
    weight = shared_weight(prediction.bags[0], prediction.bags[0], keywords)
    if not valid:
        tokens = Overlap(
            matched=(0,) * ORDERS,
            predicted=places(prediction.length),
            referenced=places(reference.length),
            prediction_length=prediction.length,
            reference_length=reference.length,
        )
        return tokens, Share(0, weight)
    found = shared_weight(prediction.bags[0], reference.bags[0], keywords)
    return overlap_of(prediction, reference), Share(found, weight)


def shared_weight(
    first: Mapping[str, int], second: Mapping[str, int], keywords: frozenset[str]
) -> int:
    """Return the weight of the tokens that two bags share."""
    weight, find = 0, second.get
    for token, count in first.items():
        other = find(token)
        if other:
            weight += min(count, other) * (KEYWORD_WEIGHT if token in keywords else 1)
    return weight


def score_parts(counts: Counts) -> Parts:
    """Return the scores that counts of one unit or of a whole corpus amount to."""
    tokens = counts.tokens
    plain = [Share(*pair) for pair in zip(tokens.matched, tokens.predicted, strict=True)]
    return Parts(
        ngram=bleu_of_shares(plain, tokens),
        weighted_ngram=bleu_of_shares([counts.weighted, *plain[1:]], tokens),
        syntax=counts.syntax.score(),
        dataflow=counts.dataflow.score(),
    )


def bleu_of_shares(precisions: Sequence[Share], tokens: Overlap) -> float:
    """Return BLEU over the orders that either side is long enough for."""
    if tokens.matched[0] == 0:
        return 0.0
    logs = [
        math.log((share.found or _SMOOTHING) / max(1, share.all))
        for order, share in enumerate(precisions)
        if tokens.predicted[order] or tokens.referenced[order]
    ]
    length = brevity(tokens.prediction_length, tokens.reference_length)
    return length * math.exp(math.fsum(logs) / len(logs))

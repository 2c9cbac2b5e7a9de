"""Metrics as sums: what each unit adds, and the score that a sum amounts to.

BLEU of a corpus is no mean of its units' BLEU.  To say how sure such a score is, the counts have to
be drawn anew and added up, and the score made of each sum.  A metric that is a mean is the special
case of two columns, the value and 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fedtranslate.metrics.bleu import codexglue_score, sacre_score
from fedtranslate.metrics.codebleu.compat import Evaluator
from fedtranslate.metrics.codebleu.parts import Counts, Share
from fedtranslate.metrics.codebleu.score import scored
from fedtranslate.metrics.crystal import crystal_bleu
from fedtranslate.metrics.ngrams import ORDERS, Overlap
from fedtranslate.metrics.similarity import CHARACTERS, chrf_score

Rows: TypeAlias = NDArray[np.float64]
Score: TypeAlias = Callable[[Sequence[float]], float]

OVERLAP_WIDTH = 3 * ORDERS + 2
CODEBLEU_WIDTH = OVERLAP_WIDTH + 7
CHRF_WIDTH = 3 * CHARACTERS


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One metric of one set of translations."""

    name: str
    rows: Rows
    """What each unit adds: a row per unit."""
    score: Score
    """The score that a sum of rows amounts to."""
    is_mean: bool
    """Whether the score is the mean of the units' own scores."""

    def value(self) -> float:
        """Return the score of all units."""
        return self.score(self.rows.sum(axis=0).tolist())


def mean_tally(name: str, values: Sequence[float], scale: float = 100.0) -> Tally:
    """Return the tally of a metric that is a mean, of values that are ``scale`` at best times."""
    column = scale * np.asarray(values, dtype=np.float64)
    rows = np.column_stack([column, np.ones(len(column))])
    return Tally(name, rows, lambda total: total[0] / total[1], is_mean=True)


def overlap_row(counts: Overlap) -> list[int]:
    """Return n-gram counts as numbers in a row."""
    lengths = [counts.prediction_length, counts.reference_length]
    return [*counts.matched, *counts.predicted, *counts.referenced, *lengths]


def overlap_of_row(row: Sequence[float]) -> Overlap:
    """Return the counts that ``overlap_row`` has put in a row, or a sum of such rows."""
    numbers = [round(number) for number in row]
    matched, predicted, referenced = (
        tuple(numbers[start : start + ORDERS]) for start in range(0, 3 * ORDERS, ORDERS)
    )
    return Overlap(matched, predicted, referenced, numbers[-2], numbers[-1])


def codebleu_row(counts: Counts) -> list[int]:
    """Return the counts of CodeBLEU as numbers in a row."""
    shares = [
        number
        for share in (counts.weighted, counts.syntax, counts.dataflow)
        for number in (share.found, share.all)
    ]
    return [*overlap_row(counts.tokens), *shares, counts.units]


def counts_of_row(row: Sequence[float]) -> Counts:
    """Return the counts that ``codebleu_row`` has put in a row, or a sum of such rows."""
    numbers = [round(number) for number in row[OVERLAP_WIDTH:]]
    weighted, syntax, dataflow = (Share(*numbers[start : start + 2]) for start in (0, 2, 4))
    return Counts(overlap_of_row(row[:OVERLAP_WIDTH]), weighted, syntax, dataflow, numbers[6])


def bleu_tally(rows: Rows) -> Tally:
    """Return the tally of CodeXGLUE's BLEU, from rows of n-gram counts."""
    return Tally("bleu", rows, lambda row: codexglue_score(overlap_of_row(row)), is_mean=False)


def sacre_tally(rows: Rows) -> Tally:
    """Return the tally of sacrebleu's BLEU, from rows of n-gram counts."""
    return Tally("sacre_bleu", rows, lambda row: sacre_score(overlap_of_row(row)), is_mean=False)


def crystal_tally(rows: Rows) -> Tally:
    """Return the tally of CrystalBLEU, from rows of n-gram counts; 0 where it is undefined."""
    return Tally(
        "crystal_bleu",
        rows,
        lambda row: 100 * (crystal_bleu(overlap_of_row(row)) or 0.0),
        is_mean=False,
    )


def chrf_tally(rows: Rows) -> Tally:
    """Return the tally of chrF, from rows of ``chrf_counts``."""
    return Tally("chrf", rows, lambda row: chrf_score([round(n) for n in row]), is_mean=False)


def codebleu_tally(rows: Rows, compat: Evaluator | None) -> Tally:
    """Return the tally of CodeBLEU of the corpus, from rows of its counts."""
    return Tally(
        "codebleu", rows, lambda row: 100 * scored(counts_of_row(row), compat)[1], is_mean=False
    )

"""BLEU, in the two definitions that published tables use.

They differ by several points on the same code, so a table must say which one it shows.
"""

import math
from collections.abc import Sequence

import sacrebleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from fedtranslate.metrics.ngrams import ORDERS, Overlap, overlap, total

_TOKENIZER = Tokenizer13a()


def codexglue_bleu(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Return BLEU as the evaluator of CodeXGLUE's code translation task defines it, 0 to 100.

    Of the whole corpus, on tokens cut at white space, with 1 added to matches and places of
    every order.  That addition makes it undefined for nothing, but also gives a corpus of
    a few short units more than it earned: it is meant for hundreds of units.  A corpus of
    empty predictions has 0.

    Reference:
        Lu et al. 2021, arXiv:2102.04664; smoothing of Lin and Och 2004.
    """
    check_paired(predictions, references)
    return codexglue_score(
        total(
            overlap(prediction.split(), reference.split())
            for prediction, reference in zip(predictions, references, strict=True)
        )
    )


def codexglue_score(counts: Overlap) -> float:
    """Return CodeXGLUE's BLEU of what was counted, 0 to 100."""
    logs = [
        math.log((matched + 1) / (places + 1))
        for matched, places in zip(counts.matched, counts.predicted, strict=True)
    ]
    length = brevity(counts.prediction_length, counts.reference_length)
    return 100 * length * math.exp(math.fsum(logs) / ORDERS)


def sacre_bleu(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Return corpus BLEU of sacrebleu with its default tokenizer (13a), 0 to 100.

    Reference:
        Post 2018, arXiv:1804.08771.
    """
    check_paired(predictions, references)
    if not predictions:
        return 0.0
    # ``force`` only silences the advice to hand over untokenised text: code often looks tokenised.
    score = sacrebleu.corpus_bleu(list(predictions), [list(references)], force=True)
    return float(score.score)


def sacre_tokens(text: str) -> list[str]:
    """Return the tokens that sacrebleu counts."""
    tokens: list[str] = _TOKENIZER(text.rstrip()).split()
    return tokens


def sacre_score(counts: Overlap) -> float:
    """Return sacrebleu's BLEU of what was counted, 0 to 100."""
    found = sacrebleu.BLEU.compute_bleu(
        list(counts.matched),
        list(counts.predicted),
        counts.prediction_length,
        counts.reference_length,
        smooth_method="exp",
    )
    return float(found.score)


def brevity(prediction_length: int, reference_length: int) -> float:
    """Return the factor that punishes predictions shorter than their references, 0 to 1."""
    if prediction_length == 0:
        return 0.0
    return math.exp(min(0.0, 1 - reference_length / prediction_length))


def check_paired(predictions: Sequence[str], references: Sequence[str]) -> None:
    """Refuse lists that cannot belong together.

    Raises:
        ValueError: They differ in length.
    """
    if len(predictions) != len(references):
        raise ValueError(
            f"There are {len(predictions)} predictions but {len(references)} references; "
            "each prediction needs its own reference."
        )

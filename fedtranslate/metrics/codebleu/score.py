"""CodeBLEU: how much a translation shares with its reference in tokens, shape and data flow.

Differs from the two published evaluators where they are wrong; ``compat`` gives their numbers.
Here the score is the same in every process, tokens are cut as the language does, operators and
literals count, matches are clipped, an undefined part passes its weight on, and what is empty or
no code has 0.  A reference that the parser cannot read says nothing about syntax and data flow,
and its prediction is then judged by its tokens alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics.bleu import check_paired
from fedtranslate.metrics.codebleu.compat import CompatReader, Evaluator, score_compat
from fedtranslate.metrics.codebleu.parts import Counts, Parts, score_parts, sum_counts
from fedtranslate.metrics.codebleu.reading import Reader, Tokens


@dataclass(frozen=True, slots=True)
class CodeBleu:
    """CodeBLEU of a corpus and of each of its units, 0 to 1."""

    corpus: float
    """From the matches of all units together, as published tables show it."""
    mean: float
    """Mean of ``per_unit``: short units count as much as long ones."""
    ngram: float
    """This and the next three are the parts of ``corpus``."""
    weighted_ngram: float
    syntax: float | None
    """None where no reference says anything about it; so with the data flow."""
    dataflow: float | None
    per_unit: tuple[float, ...]
    per_unit_parts: tuple[Parts, ...] = ()


def codebleu(
    predictions: Sequence[str],
    references: Sequence[str],
    language: str,
    *,
    tokens: Tokens = "lexer",
    compat: Evaluator | None = None,
    valid: Sequence[bool] | None = None,
) -> CodeBleu:
    """Score translations against their references.

    Args:
        predictions: One per unit, in any state.
        references: In the same order.
        language: Pack of the language both are written in.
        tokens: What the n-gram parts count.  ``whitespace`` makes them comparable with papers,
            and dependent on layout.
        compat: Give the number that a published evaluator gives: ``k4black`` (codebleu 0.7.0 of
            PyPI) or ``microsoft`` (CodeXGLUE).  They cut at white space, whatever ``tokens``.
        valid: Whether each prediction parses, when it is known already.

    Raises:
        UnknownNameError: There is no such language, or ``compat`` does not know it.
    """
    check_paired(predictions, references)
    pack = load_pack(language)
    pairs = zip(predictions, references, strict=True)
    if compat is not None:
        compared = CompatReader(pack.name, pack.grammar, compat, pack.grammar_source)
        return bleu_of([compared.count(*pair) for pair in pairs], compat)
    reader = Reader(pack, tokens)
    known = valid if valid is not None else [None] * len(predictions)
    return bleu_of(
        [reader.count(*pair, valid=good) for pair, good in zip(pairs, known, strict=True)]
    )


def bleu_of(counts: Sequence[Counts], compat: Evaluator | None = None) -> CodeBleu:
    """Return CodeBLEU of units whose counts are known; ``compat`` as they were counted."""
    parts, corpus = scored(sum_counts(counts), compat)
    singles = [scored(one, compat) for one in counts]
    return CodeBleu(
        corpus=corpus,
        mean=sum(total for _, total in singles) / len(singles) if singles else 0.0,
        ngram=parts.ngram,
        weighted_ngram=parts.weighted_ngram,
        syntax=parts.syntax,
        dataflow=parts.dataflow,
        per_unit=tuple(total for _, total in singles),
        per_unit_parts=tuple(single for single, _ in singles),
    )


def scored(counts: Counts, compat: Evaluator | None = None) -> tuple[Parts, float]:
    """Return the parts and the score that counts amount to, of one unit or of many."""
    if compat is not None:
        return score_compat(counts, compat)
    parts = score_parts(counts)
    return parts, parts.combined()

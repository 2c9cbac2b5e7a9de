"""CodeBLEU: how much a translation shares with its reference in tokens, shape and data flow.

Differs from the two published evaluators where they are wrong; ``compat`` gives their numbers.
Here the score is the same in every process, tokens are cut as the language does, operators and
literals count, matches are clipped, an undefined part passes its weight on, and what is empty or
no code has 0.  A reference that the parser cannot read says nothing about syntax and data flow,
and its prediction is then judged by its tokens alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parses
from fedtranslate.languages.registry import load_pack
from fedtranslate.metrics.bleu import check_paired
from fedtranslate.metrics.codebleu.compat import CompatReader, Evaluator, score_compat
from fedtranslate.metrics.codebleu.dataflow import data_flow
from fedtranslate.metrics.codebleu.flow_rules import flow_rules
from fedtranslate.metrics.codebleu.parts import (
    Counts,
    Parts,
    Share,
    score_parts,
    sum_counts,
    token_counts,
)
from fedtranslate.metrics.codebleu.syntax import Shapes, unit_nodes

Tokens: TypeAlias = Literal["lexer", "whitespace"]


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
    if compat is not None:
        reader = CompatReader(pack.name, pack.grammar, compat)
        found = [reader.count(*pair) for pair in zip(predictions, references, strict=True)]
        return _result(
            score_compat(sum_counts(found), compat), [score_compat(one, compat)[1] for one in found]
        )
    valid = [parses(text, pack) for text in predictions] if valid is None else valid
    counts = [
        count_pair(prediction, reference, pack, tokens=tokens, valid=good)
        for prediction, reference, good in zip(predictions, references, valid, strict=True)
    ]
    whole_parts = score_parts(sum_counts(counts))
    singles = [score_parts(one).combined() for one in counts]
    return _result((whole_parts, whole_parts.combined()), singles)


def count_pair(
    prediction: str, reference: str, pack: LanguagePack, *, tokens: Tokens, valid: bool
) -> Counts:
    """Count what one prediction shares with its reference.

    Args:
        prediction: In any state.
        reference: In any state.
        pack: Language of both.
        tokens: What the n-gram parts count.
        valid: Whether the prediction parses.
    """
    readable = parses(reference, pack)
    valid = valid or not readable
    mine, theirs = (_cut(text, pack, tokens) for text in (prediction, reference))
    overlap, weighted = token_counts(mine, theirs, pack.keywords, valid=valid)
    syntax, dataflow = (
        _tree_shares(prediction if valid else "", reference, pack)
        if readable
        else (Share(), Share())
    )
    return Counts(overlap, weighted, syntax, dataflow)


def _tree_shares(prediction: str, reference: str, pack: LanguagePack) -> tuple[Share, Share]:
    """Return how much of the reference's subtrees and edges the prediction has."""
    shapes = Shapes(pack)
    mine, theirs = unit_nodes(prediction, pack), unit_nodes(reference, pack)
    my_shapes, their_shapes = shapes.count(mine), shapes.count(theirs)
    syntax = Share((my_shapes & their_shapes).total(), their_shapes.total())
    rules = flow_rules(pack)
    if rules is None:
        return syntax, Share()
    my_edges, their_edges = data_flow(mine, rules), data_flow(theirs, rules)
    return syntax, Share((my_edges & their_edges).total(), their_edges.total())


def _cut(text: str, pack: LanguagePack, tokens: Tokens) -> Sequence[str]:
    return code_tokens(text, pack) if tokens == "lexer" else text.split()


def _result(whole: tuple[Parts, float], singles: Sequence[float]) -> CodeBleu:
    parts, corpus = whole
    return CodeBleu(
        corpus=corpus,
        mean=sum(singles) / len(singles) if singles else 0.0,
        ngram=parts.ngram,
        weighted_ngram=parts.weighted_ngram,
        syntax=parts.syntax,
        dataflow=parts.dataflow,
        per_unit=tuple(singles),
    )

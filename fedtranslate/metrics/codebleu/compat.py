"""CodeBLEU as the published evaluators compute it, for comparison with numbers in papers.

``k4black`` is the package codebleu 0.7.0; ``microsoft`` is the evaluator of CodeXGLUE, of which
the package is a revision.  Their rules, where ours differ:

- tokens are cut at white space; the text is parsed as it stands, without a class around it;
- the weighted n-grams are a recall, and their brevity penalty takes every reference for 2 tokens
  long (it measures the pair of tokens and weights), so that it hardly ever applies;
- a short unit has a denominator of 1 in every order that it is too short for;
- subtrees are compared as S-expressions, without operators and literals; a subtree of the
  reference is found as often as it occurs there, however rare it is in the prediction;
- a data flow of 0 counts as 1 (k4black), or a missing one as 0 (microsoft);
- comments are removed by Java's rules in every language (microsoft).

C and C++ have the data flow of C# (k4black).  PHP needs its ``<?php``, without which a whole text
is one leaf.  Differences that remain: both depend on the hash seed (0.002 of a corpus was seen) and
on the version of the grammars, and Microsoft's grammars are of 2020.
"""

import io
import math
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tree_sitter import Language

from fedtranslate.errors import ParseLimitError, UnknownNameError
from fedtranslate.languages.grammar import Source
from fedtranslate.languages.parsers import parse_with
from fedtranslate.languages.parsing import MAX_BYTES
from fedtranslate.languages.trial import try_out
from fedtranslate.metrics.bleu import brevity
from fedtranslate.metrics.codebleu.compat_flow import Edge, compat_flow
from fedtranslate.metrics.codebleu.compat_rules import COMPAT_RULES
from fedtranslate.metrics.codebleu.flat import (
    FlatTree,
    Numbering,
    flatten,
    named_kinds,
)
from fedtranslate.metrics.codebleu.parts import KEYWORD_WEIGHT, Counts, Parts, Share, shared_weight
from fedtranslate.metrics.ngrams import ORDERS, Grams, Overlap, count_grams, overlap_of, shared

Evaluator: TypeAlias = Literal["k4black", "microsoft"]
_EPSILON = 0.1
_MAX_DEPTH = 1_000
_KEPT = 2_000_000
"""Characters of texts whose profiles are kept; bounds memory."""
_MAX_WRITTEN = 50_000_000
"""Characters of S-expressions that are written for one broken text."""
_COMMENT = re.compile(
    r"//.*?$|/\*.*?\*/|'(?:\\.|[^\\'])*'|\"(?:\\.|[^\\\"])*\"", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class _Profile:
    """What is known of one text."""

    grams: Grams
    weight: int
    """Of all its tokens."""
    shapes: Counter[int]
    """How often each subtree occurs."""
    flow: Counter[Edge]


class CompatReader:
    """Counts what pairs share, as one of the published evaluators does.

    What it has found out about a text is kept for a while: references and predictions repeat.
    """

    def __init__(
        self,
        language: str,
        grammar: Language | None,
        evaluator: Evaluator,
        source: Source | None = None,
    ) -> None:
        """Take a language by our name.

        Args:
            language: Its name.
            grammar: Its grammar.
            evaluator: Whose numbers are wanted.
            source: Where the grammar comes from, so that long texts can be tried out first.

        Raises:
            UnknownNameError: The evaluator does not know it, or we have no grammar for it.
        """
        known = [
            name
            for name, rules in COMPAT_RULES.items()
            if evaluator == "k4black" or rules.microsoft
        ]
        if language not in known or grammar is None:
            raise UnknownNameError(f"language of the evaluator {evaluator}", language, known)
        self._rules = COMPAT_RULES[language]
        self._grammar = grammar
        self._source = source
        self._kinds = {kind: kind for kind in named_kinds(grammar)}
        self._comments = language if evaluator == "k4black" else "java"
        self._numbering = self._new_numbering()
        self._profiles: dict[str, _Profile] = {}
        self._size = 0

    def count(self, prediction: str, reference: str) -> Counts:
        """Count what one prediction shares with its reference."""
        if self._size > _KEPT:
            self._numbering = self._new_numbering()
            self._profiles.clear()
            self._size = 0
        mine, theirs = self._profile(prediction.strip()), self._profile(reference.strip())
        tokens = overlap_of(mine.grams, theirs.grams)
        found, all_shapes = 0, theirs.shapes.total()
        shapes = mine.shapes
        for shape, count in theirs.shapes.items():
            if shape in shapes:
                found += count
        return Counts(
            tokens=Overlap(
                matched=tokens.matched,
                predicted=tuple([max(1, count) for count in tokens.predicted]),
                referenced=tuple([max(1, count) for count in tokens.referenced]),
                prediction_length=tokens.prediction_length,
                reference_length=tokens.reference_length,
            ),
            weighted=Share(
                shared_weight(mine.grams.bags[0], theirs.grams.bags[0], self._rules.keywords),
                max(KEYWORD_WEIGHT, theirs.weight),
            ),
            syntax=Share(found, all_shapes),
            dataflow=Share(shared(mine.flow, theirs.flow), theirs.flow.total()),
        )

    def _profile(self, text: str) -> _Profile:
        known = self._profiles.get(text)
        if known is None:
            known = self._profiles[text] = self._read(text)
            self._size += len(text) + 1
        return known

    def _read(self, text: str) -> _Profile:
        grams = count_grams(text.split())
        weight = shared_weight(grams.bags[0], grams.bags[0], self._rules.keywords)
        code = _without_comments(text, self._comments)
        raw = code.encode("utf-8", "replace")
        if len(raw) > MAX_BYTES:
            return _Profile(grams, weight, Counter(), Counter())
        try:
            if self._source is not None:
                try_out(self._source, raw)
            tree = flatten(parse_with(self._grammar, raw), self._numbering)
        except ParseLimitError:
            return _Profile(grams, weight, Counter(), Counter())
        flow = compat_flow(code, tree, self._grammar, self._rules)
        return _Profile(grams, weight, self._shapes(tree), flow)

    def _new_numbering(self) -> Numbering:
        """Return what numbers subtrees as S-expressions compare them: by names, and by fields."""
        return Numbering(self._kinds, frozenset(), with_fields=True, hand_on=True)

    def _shapes(self, tree: FlatTree) -> Counter[int]:
        """Count the subtrees at the root and at every node with children.

        There are none when it is nested too deep: tree-sitter writes S-expressions by recursion,
        and would take their process with it.
        """
        if len(tree.kinds) > _MAX_DEPTH and tree.depth() > _MAX_DEPTH:
            return Counter()
        if tree.faulty or not tree.shapes:
            return Counter(self._odd_shapes(tree))
        return Counter(tree.shapes.values())

    def _odd_shapes(self, tree: FlatTree) -> list[int]:
        """Number the subtrees of a tree with faults, or of a root alone.

        Around what the parser skipped or invented, S-expressions show what no walk does: hidden
        nodes, and other fields.  There they are written out.  No node without a fault has one
        inside.
        """
        faulty, after, number_of = tree.faulty, tree.after, self._numbering.number
        found = [shape for node, shape in tree.shapes.items() if node not in faulty]
        written = 0
        for number, node in faulty.items():
            if after[number] > number + 1 or number == 0:
                text = str(node)
                written += len(text)
                if written > _MAX_WRITTEN:
                    return []
                found.append(number_of((text,)))
        return found or [number_of((tree.kinds[0],))]


def score_compat(counts: Counts, evaluator: Evaluator) -> tuple[Parts, float]:
    """Return the four parts that counts amount to, and CodeBLEU."""
    tokens = counts.tokens
    plain = [Share(*pair) for pair in zip(tokens.matched, tokens.predicted, strict=True)]
    recall = [Share(*pair) for pair in zip(tokens.matched, tokens.referenced, strict=True)]
    mismeasured = (tokens.prediction_length, 2 * counts.units)
    parts = Parts(
        ngram=_bleu(plain, (tokens.prediction_length, tokens.reference_length), tokens.matched[0]),
        weighted_ngram=_bleu([counts.weighted, *recall[1:]], mismeasured, counts.weighted.found),
        syntax=counts.syntax.score(),
        dataflow=counts.dataflow.score() or 0.0,
    )
    dataflow = parts.dataflow or (1.0 if evaluator == "k4black" else 0.0)
    total = parts.ngram + parts.weighted_ngram + (parts.syntax or 0.0) + dataflow
    return parts, total / 4


def _bleu(shares: Sequence[Share], lengths: tuple[int, int], first: int) -> float:
    if first == 0:
        return 0.0
    logs = [math.log((share.found or _EPSILON) / share.all) for share in shares]
    return brevity(*lengths) * math.exp(math.fsum(logs) / ORDERS)


def _without_comments(text: str, language: str) -> str:
    """Remove comments, and docstrings of Python; a text that cannot be read stays as it is."""
    if language == "ruby":
        return text
    if language == "python":
        try:
            text = "".join(_without_docstrings(text))
        except (tokenize.TokenError, SyntaxError):
            return text
    else:
        text = _COMMENT.sub(lambda found: " " if found[0].startswith("/") else found[0], text)
    return "\n".join(line for line in text.split("\n") if line.strip())


def _without_docstrings(text: str) -> Iterator[str]:
    """Yield the text token by token, without comments and strings that begin a statement."""
    before, row, column = tokenize.INDENT, -1, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.start[0] > row:
            column = 0
        yield " " * max(0, token.start[1] - column)
        starts_statement = before in (tokenize.INDENT, tokenize.NEWLINE) or token.start[1] == 0
        is_docstring = token.type == tokenize.STRING and starts_statement
        if token.type != tokenize.COMMENT and not is_docstring:
            yield token.string
        before = token.type
        row, column = token.end

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

Differences that remain: both depend on the hash seed (0.002 of a corpus was seen) and on the
version of the grammars, and Microsoft's grammars are of 2020.
"""

import io
import math
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from tree_sitter import Node

from fedtranslate.errors import UnknownNameError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parse_bytes
from fedtranslate.metrics.bleu import brevity
from fedtranslate.metrics.codebleu.compat_flow import compat_flow
from fedtranslate.metrics.codebleu.compat_rules import COMPAT_RULES, CompatRules
from fedtranslate.metrics.codebleu.parts import Counts, Parts, Share
from fedtranslate.metrics.ngrams import ORDERS, Overlap, overlap, total

Evaluator: TypeAlias = Literal["k4black", "microsoft"]
_WEIGHTS = 5, 1
"""Of a keyword and of any other token; the evaluators say 1 and 0.2."""
_EPSILON = 0.1
_MAX_DEPTH = 1_000
_COMMENT = re.compile(
    r"//.*?$|/\*.*?\*/|'(?:\\.|[^\\'])*'|\"(?:\\.|[^\\\"])*\"", re.DOTALL | re.MULTILINE
)


def compat_scores(
    predictions: Sequence[str], references: Sequence[str], pack: LanguagePack, evaluator: Evaluator
) -> tuple[tuple[Parts, float], list[float]]:
    """Return parts and CodeBLEU of the corpus, and CodeBLEU of each unit scored alone.

    Raises:
        UnknownNameError: The evaluators do not know the language.
    """
    if pack.name not in COMPAT_RULES or pack.grammar is None:
        raise UnknownNameError("language of the published evaluators", pack.name, COMPAT_RULES)
    rules = COMPAT_RULES[pack.name]
    counts = [
        _count(prediction.strip(), reference.strip(), pack, rules, evaluator)
        for prediction, reference in zip(predictions, references, strict=True)
    ]
    parts = _parts(counts)
    return (parts, _combined(parts, evaluator)), [
        _combined(_parts([one]), evaluator) for one in counts
    ]


def _combined(parts: Parts, evaluator: Evaluator) -> float:
    dataflow = parts.dataflow or (1.0 if evaluator == "k4black" else 0.0)
    return (parts.ngram + parts.weighted_ngram + (parts.syntax or 0.0) + dataflow) / 4


def _count(
    prediction: str, reference: str, pack: LanguagePack, rules: CompatRules, evaluator: Evaluator
) -> Counts:
    mine, theirs = prediction.split(), reference.split()
    language = pack.name if evaluator == "k4black" else "java"
    texts = [_without_comments(text, language) for text in (prediction, reference)]
    roots = [parse_bytes(text.encode("utf-8", "replace"), pack) for text in texts]
    my_root, their_root = (tree.root_node for tree in roots)
    shapes = set(_shapes(my_root))
    their_shapes = _shapes(their_root)
    my_flow, their_flow = (
        compat_flow(text, root, rules)
        for text, root in zip(texts, (my_root, their_root), strict=True)
    )
    return Counts(
        tokens=overlap(mine, theirs),
        weighted=_weighted_recall(mine, theirs, rules.keywords),
        syntax=Share(sum(shape in shapes for shape in their_shapes), len(their_shapes)),
        dataflow=Share((my_flow & their_flow).total(), their_flow.total()),
    )


def _weighted_recall(
    prediction: Sequence[str], reference: Sequence[str], keywords: frozenset[str]
) -> Share:
    def weight(tokens: Counter[str]) -> int:
        return sum(tokens[token] * _WEIGHTS[token not in keywords] for token in tokens)

    mine, theirs = Counter(prediction), Counter(reference)
    return Share(weight(mine & theirs), max(_WEIGHTS[0], weight(theirs)))


def _parts(counts: Sequence[Counts]) -> Parts:
    tokens = total(one.tokens for one in counts)
    precision = [
        Share(tokens.matched[order], sum(max(1, one.tokens.predicted[order]) for one in counts))
        for order in range(ORDERS)
    ]
    recall = [
        Share(tokens.matched[order], sum(max(1, one.tokens.referenced[order]) for one in counts))
        for order in range(ORDERS)
    ]
    weighted = sum((one.weighted for one in counts), Share())
    mismeasured = replace(tokens, reference_length=2 * len(counts))
    return Parts(
        ngram=_bleu(precision, tokens),
        weighted_ngram=_bleu([weighted, *recall[1:]], mismeasured),
        syntax=sum((one.syntax for one in counts), Share()).score(),
        dataflow=sum((one.dataflow for one in counts), Share()).score() or 0.0,
    )


def _bleu(shares: Sequence[Share], tokens: Overlap) -> float:
    if shares[0].found == 0:
        return 0.0
    logs = [math.log((share.found or _EPSILON) / share.all) for share in shares]
    return brevity(tokens) * math.exp(math.fsum(logs) / ORDERS)


def _shapes(root: Node) -> list[str]:
    """Return the S-expressions of the root and of every node with children.

    Empty when it is nested too deep: tree-sitter writes S-expressions by recursion, and would
    take the process with it.
    """
    nodes, todo = [], [(root, 1)]
    while todo:
        node, depth = todo.pop()
        if depth > _MAX_DEPTH:
            return []
        nodes.append(node)
        todo.extend((child, depth + 1) for child in node.children if child.children)
    return [str(node) for node in nodes]


def _without_comments(text: str, language: str) -> str:
    """Remove comments, and docstrings of Python; a text that cannot be read stays as it is."""
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

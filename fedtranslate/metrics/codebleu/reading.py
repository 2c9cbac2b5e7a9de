"""Count what predictions share with their references, in the terms of our CodeBLEU.

Each text is read once: parsed, cut into tokens, its subtrees and its data flow counted.  What was
found out is kept for a while, since references and predictions repeat.  A text that is larger than
what is parsed has no tokens, and so counts as an empty one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import MAX_BYTES, parses, syntax_tree
from fedtranslate.metrics.codebleu.dataflow import Edge, data_flow
from fedtranslate.metrics.codebleu.flat import flatten
from fedtranslate.metrics.codebleu.flow_rules import flow_rules
from fedtranslate.metrics.codebleu.parts import Counts, Share, token_counts
from fedtranslate.metrics.codebleu.syntax import shape_numbering, subtrees, tokens_of, unit_nodes
from fedtranslate.metrics.ngrams import Grams, count_grams, shared

Tokens: TypeAlias = Literal["lexer", "whitespace"]
_KEPT = 2_000_000
"""Characters of texts whose profiles are kept; bounds memory."""
_NOTHING: Counter[int] = Counter()
_NO_FLOW: Counter[Edge] = Counter()


@dataclass(slots=True)
class _Profile:
    """What is known of one text; trees are only looked at when somebody asks for them."""

    readable: bool
    code: tuple[str, ...]
    """Its tokens without layout and comments."""
    tokens: Grams
    """Of what the n-gram parts count."""
    shapes: Counter[int] | None = None
    edges: Counter[Edge] | None = None


class Reader:
    """Counts pairs of one language."""

    def __init__(self, pack: LanguagePack, tokens: Tokens = "lexer") -> None:
        """Take the language of the texts, and what the n-gram parts count."""
        self._pack, self._tokens = pack, tokens
        self._rules = flow_rules(pack)
        self._profiles: dict[str, _Profile] = {}
        self._size = 0
        self._renew()

    def tidy(self) -> None:
        """Forget the texts that were read, when they have become too many."""
        if self._size > _KEPT:
            self._renew()

    def _renew(self) -> None:
        self._profiles.clear()
        self._size = 0
        self._numbering = shape_numbering(self._pack)

    def parses(self, text: str) -> bool:
        """Tell whether a text is code without syntax errors."""
        return self._profile(text).readable

    def code(self, text: str) -> tuple[str, ...]:
        """Return the tokens of a text without layout and comments."""
        return self._profile(text).code

    def count(self, prediction: str, reference: str, *, valid: bool | None = None) -> Counts:
        """Count what one prediction shares with its reference.

        Args:
            prediction: In any state.
            reference: In any state.
            valid: Whether the prediction parses; our own parser is asked when it is None.
        """
        self.tidy()
        mine, theirs = self._profile(prediction), self._profile(reference)
        if not theirs.readable:
            tokens = token_counts(mine.tokens, theirs.tokens, self._pack.keywords, valid=True)
            return Counts(*tokens, Share(), Share())
        good = mine.readable if valid is None else valid
        tokens = token_counts(mine.tokens, theirs.tokens, self._pack.keywords, valid=good)
        if self._pack.grammar is None:
            return Counts(*tokens, Share(), Share())
        self._grow(theirs, reference)
        if good:
            self._grow(mine, prediction)
        my_shapes = (mine.shapes if good else None) or _NOTHING
        my_edges = (mine.edges if good else None) or _NO_FLOW
        their_shapes, their_edges = theirs.shapes or _NOTHING, theirs.edges or _NO_FLOW
        return Counts(
            *tokens,
            Share(shared(my_shapes, their_shapes), their_shapes.total()),
            Share(shared(my_edges, their_edges), their_edges.total()),
        )

    def _profile(self, text: str) -> _Profile:
        known = self._profiles.get(text)
        if known is None:
            known = self._profiles[text] = self._read(text)
            self._size += len(text) + 1
        return known

    def _read(self, text: str) -> _Profile:
        if len(text) > MAX_BYTES:
            return _Profile(False, (), count_grams(()), Counter(), Counter())
        readable = parses(text, self._pack)
        if readable and self._pack.grammar is not None:
            parsed = syntax_tree(text, self._pack)
            tree = flatten(parsed.tree, self._numbering)
            code = tokens_of(tree, parsed, text, self._pack)
            known = _Profile(readable, code, self._counted(code, text), subtrees(tree, parsed))
            known.edges = self._flow(text)
            return known
        code = code_tokens(text, self._pack)
        return _Profile(readable, code, self._counted(code, text))

    def _counted(self, code: Sequence[str], text: str) -> Grams:
        return count_grams(code if self._tokens == "lexer" else text.split())

    def _flow(self, text: str) -> Counter[Edge]:
        return data_flow(unit_nodes(text, self._pack), self._rules) if self._rules else Counter()

    def _grow(self, profile: _Profile, text: str) -> None:
        """Count the subtrees and the data flow of a text that does not parse for us."""
        if profile.shapes is None:
            parsed = syntax_tree(text, self._pack)
            profile.shapes = subtrees(flatten(parsed.tree, self._numbering), parsed)
            profile.edges = self._flow(text)

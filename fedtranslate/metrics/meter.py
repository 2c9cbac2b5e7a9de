"""Measure one translation against its reference: everything that a corpus's scores are made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.metrics.bleu import sacre_tokens
from fedtranslate.metrics.codebleu.compat import CompatReader, Evaluator
from fedtranslate.metrics.codebleu.parts import Counts
from fedtranslate.metrics.codebleu.reading import Reader, Tokens
from fedtranslate.metrics.crystal import Trivial, crystal_overlap
from fedtranslate.metrics.exact import exact_match
from fedtranslate.metrics.ngrams import Grams, Overlap, count_grams, overlap_of
from fedtranslate.metrics.similarity import character_grams, chrf_counts, edit_similarity

MAX_CHARACTERS = 50_000
"""Longer texts are no units.  A longer prediction counts as an empty one."""
_KEPT = 500_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted of one pair."""

    exact: bool
    token_exact: bool
    parses: bool
    edit_similarity: float
    bleu: Overlap
    sacre_bleu: Overlap
    crystal_bleu: Overlap
    chrf: Sequence[int]
    codebleu: Counts


@dataclass(frozen=True, slots=True)
class _Text:
    """The n-grams of one text in the three ways that need no parser."""

    words: Grams
    sacre: Grams
    code: Grams
    characters: Sequence[Counter[str]]


class Meter:
    """Measures pairs of one language."""

    def __init__(
        self,
        pack: LanguagePack,
        *,
        tokens: Tokens = "lexer",
        compat: Evaluator | None = None,
        trivial: Trivial = frozenset(),
    ) -> None:
        """Take what all pairs share.

        Args:
            pack: Language of both sides.
            tokens: What the n-gram parts of CodeBLEU count.
            compat: The published evaluator whose CodeBLEU is asked for.
            trivial: N-grams that CrystalBLEU leaves out.

        Raises:
            UnknownNameError: ``compat`` does not know the language.
        """
        self._reader = Reader(pack, tokens)
        self._compat = (
            CompatReader(pack.name, pack.grammar, compat, pack.grammar_source) if compat else None
        )
        self._trivial = trivial
        self._texts: dict[str, _Text] = {}
        self._size = 0

    def measure(self, prediction: str, reference: str, *, valid: bool | None = None) -> Measured:
        """Measure one pair.

        Args:
            prediction: In any state.
            reference: At most ``MAX_CHARACTERS`` long.
            valid: Whether the prediction parses; our own parser is asked when it is None.
        """
        if len(prediction) > MAX_CHARACTERS:
            prediction = ""
        self._reader.tidy()
        code, expected = (self._reader.code(text) for text in (prediction, reference))
        exact = exact_match(prediction, reference)
        if self._size > _KEPT:
            self._texts.clear()
            self._size = 0
        mine, theirs = self._text(prediction), self._text(reference)
        counts = (
            self._compat.count(prediction, reference)
            if self._compat
            else self._reader.count(prediction, reference, valid=valid)
        )
        return Measured(
            exact=exact,
            token_exact=exact or (bool(code) and code == expected),
            parses=self._reader.parses(prediction) if valid is None else valid,
            edit_similarity=edit_similarity(" ".join(code), " ".join(expected)),
            bleu=overlap_of(mine.words, theirs.words),
            sacre_bleu=overlap_of(mine.sacre, theirs.sacre),
            crystal_bleu=crystal_overlap(mine.code, theirs.code, self._trivial),
            chrf=chrf_counts(mine.characters, theirs.characters),
            codebleu=counts,
        )

    def _text(self, text: str) -> _Text:
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = _Text(
                words=count_grams(text.split()),
                sacre=count_grams(sacre_tokens(text)),
                code=count_grams(self._reader.code(text)),
                characters=character_grams(text),
            )
            self._size += len(text) + 1
        return known

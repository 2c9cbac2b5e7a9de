"""Drop the pairs that should not be trained on, and say why.

What this does not find: near duplicates (same code, other names), and wrong pairs whose two sides
are good code each.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fedtranslate.corpus.normal import NormalForms
from fedtranslate.corpus.permission import LICENCE, Permission
from fedtranslate.corpus.secrets import find_secrets
from fedtranslate.corpus.sketches import sketch
from fedtranslate.errors import CorpusError
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

MAX_TOKENS = 1_024
MIN_TOKENS = 5
_SAME_IN_BOTH = 40
"""Shorter units may well be the same in two languages; a longer one was not translated."""
_CHARACTERS_PER_TOKEN = 64
"""A text of more characters than this times the token limit is not even lexed."""


class Reason(StrEnum):
    """Why a pair was dropped."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_SHORT = "too short"
    SECRET = "secret"  # noqa: S105
    LICENCE = LICENCE
    SAME_SIDES = "same on both sides"
    UNPARSABLE = "unparsable"
    DUPLICATE = "duplicate"
    KNOWN = "at another site"
    IN_EVALUATION = "in validation or held-out"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A pair that is not used."""

    pair: CodePair
    reason: Reason
    detail: str
    """Which side, which line, which other pair."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left, and what is not."""

    kept: tuple[CodePair, ...]
    dropped: tuple[Dropped, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of dropped pairs by reason, the most frequent first."""
        found = Counter(str(entry.reason) for entry in self.dropped)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def clean(
    pairs: Iterable[CodePair],
    *,
    max_tokens: int = MAX_TOKENS,
    min_tokens: int = MIN_TOKENS,
    known: Collection[str] = (),
    salt: bytes = b"",
    forms: NormalForms | None = None,
    permission: Permission | None = None,
    on_pair: Callable[[CodePair], object] | None = None,
) -> Cleaned:
    """Return the pairs that are fit for training, in their order; of duplicates the first.

    Args:
        pairs: All of one site.
        max_tokens: Most tokens of either side, comments not counted.
        min_tokens: Fewest tokens of either side.
        known: Sketches of pairs that another site keeps.
        salt: What these sketches were made with.
        forms: Where normal forms are remembered; give one to several calls to save time.
        permission: Which licences a text may state; None allows all.
        on_pair: Called with each pair before it is looked at.

    Raises:
        CorpusError: Sketches are given without a salt.
    """
    if known and not salt:
        raise CorpusError("Known sketches can only be compared with the salt they were made with.")
    forms = forms or NormalForms()
    checks = _Checks(forms, max_tokens, min_tokens, frozenset(known), salt, permission)
    kept: list[CodePair] = []
    dropped: list[Dropped] = []
    first_of: dict[tuple[bytes, bytes], str] = {}
    for pair in pairs:
        if on_pair is not None:
            on_pair(pair)
        found = checks.complaint(pair) or _repetition(pair, first_of, forms)
        if found:
            dropped.append(Dropped(pair, *found))
        else:
            first_of[(forms.source(pair).digest, forms.target(pair).digest)] = pair.id
            kept.append(pair)
    return Cleaned(tuple(kept), tuple(dropped))


def drop_seen(
    pairs: Iterable[CodePair], evaluation: Iterable[CodePair], forms: NormalForms | None = None
) -> Cleaned:
    """Drop from ``pairs`` each one whose source or target is, by tokens, in ``evaluation``.

    One equal side is enough: a model that saw the question or the answer has seen the pair.
    """
    forms = forms or NormalForms()
    where: dict[tuple[str, bytes], str] = {}
    for pair in evaluation:
        for side in _sides(pair, forms):
            where.setdefault(side, pair.id)
    kept: list[CodePair] = []
    dropped: list[Dropped] = []
    for pair in pairs:
        seen = next((where[side] for side in _sides(pair, forms) if side in where), None)
        if seen is None:
            kept.append(pair)
        else:
            dropped.append(Dropped(pair, Reason.IN_EVALUATION, f"like {seen}"))
    return Cleaned(tuple(kept), tuple(dropped))


_Complaint = tuple[Reason, str] | None


def _sides(pair: CodePair, forms: NormalForms) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return (
        (pair.source_language, forms.source(pair).digest),
        (pair.target_language, forms.target(pair).digest),
    )


def _repetition(
    pair: CodePair, first_of: Mapping[tuple[bytes, bytes], str], forms: NormalForms
) -> _Complaint:
    first = first_of.get((forms.source(pair).digest, forms.target(pair).digest))
    return None if first is None else (Reason.DUPLICATE, f"of {first}")


@dataclass(frozen=True, slots=True)
class _Checks:
    """The checks of one pair by itself, the cheap ones first."""

    forms: NormalForms
    max_tokens: int
    min_tokens: int
    known: frozenset[str]
    salt: bytes
    permission: Permission | None

    def complaint(self, pair: CodePair) -> _Complaint:
        """Return why ``pair`` is not fit, or None."""
        sides = (
            ("source", pair.source, pair.source_language),
            ("target", pair.target, pair.target_language),
        )
        for check in (
            _is_empty,
            self._is_huge,
            self._has_wrong_size,
            _has_secret,
            self._has_wrong_licence,
        ):
            for side, text, language in sides:
                if found := check(text, language):
                    return found[0], f"{side}: {found[1]}"
        if self._is_untranslated(pair):
            return Reason.SAME_SIDES, "the target has the tokens of the source"
        for side, text, language in sides:
            if problems := parse_problems(text, load_pack(language)):
                return Reason.UNPARSABLE, f"{side}, line {problems[0].line}: {problems[0].message}"
        if self.known and sketch(pair, self.salt, self.forms) in self.known:
            return Reason.KNOWN, "another site keeps it"
        return None

    def _is_huge(self, text: str, language: str) -> _Complaint:  # noqa: ARG002
        if len(text) > self.max_tokens * _CHARACTERS_PER_TOKEN:
            return Reason.TOO_LONG, f"{len(text)} characters"
        return None

    def _has_wrong_size(self, text: str, language: str) -> _Complaint:
        tokens = self.forms.of(text, language).tokens
        if tokens == 0:
            return Reason.EMPTY, "nothing but comments"
        if tokens > self.max_tokens:
            return Reason.TOO_LONG, f"{tokens} tokens, the limit is {self.max_tokens}"
        if tokens < self.min_tokens:
            return Reason.TOO_SHORT, f"{tokens} tokens, at least {self.min_tokens} are needed"
        return None

    def _has_wrong_licence(self, text: str, language: str) -> _Complaint:  # noqa: ARG002
        found = self.permission.wrong_licence(text) if self.permission else ""
        return (Reason.LICENCE, found[:80]) if found else None

    def _is_untranslated(self, pair: CodePair) -> bool:
        source, target = self.forms.source(pair), self.forms.target(pair)
        return source.tokens >= _SAME_IN_BOTH and source.digest == target.digest


def _is_empty(text: str, language: str) -> _Complaint:  # noqa: ARG001
    return None if text.strip() else (Reason.EMPTY, "no text")


def _has_secret(text: str, language: str) -> _Complaint:  # noqa: ARG001
    found = find_secrets(text)
    return (Reason.SECRET, f"line {found[0].line}: {found[0].kind}") if found else None

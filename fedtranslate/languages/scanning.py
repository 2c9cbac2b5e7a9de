"""Cut a text into tokens by the pattern of its pack alone, whatever the text.

This is how code is read that no parser can read: broken code, and languages without a grammar.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from fedtranslate.languages.columns import blanked
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsers import MAX_BYTES

Kind: TypeAlias = Literal[
    "identifier", "type", "keyword", "number", "string", "operator", "comment"
]
_KINDS: Mapping[str, Kind] = {
    "comment": "comment",
    "string": "string",
    "number": "number",
    "word": "identifier",
}
_BLACK = re.compile(r"\S+")


class Span(NamedTuple):
    """A token with the place where it begins, in characters of the text."""

    text: str
    kind: Kind
    start: int


def scan(text: str, pack: LanguagePack) -> Iterator[Span]:
    """Yield the tokens of ``text`` in order, comments included.

    A text that is larger than what is parsed is cut at white space only, and all is an operator.
    """
    if len(text) > MAX_BYTES:
        yield from (Span(found[0], "operator", found.start()) for found in _BLACK.finditer(text))
        return
    shown = blanked(text, pack.columns)
    keywords, ignore_case = pack.keywords, pack.ignore_case
    for found in pack.lexer.finditer(shown):
        start, end = found.span()
        written = text[start:end]
        kind = _KINDS.get(found.lastgroup or "", "operator")
        if (written.lower() if ignore_case else written) in keywords:
            kind = "keyword"
        elif written == "\\" and pack.indented and shown[end : end + 1] in ("\r", "\n"):
            continue
        yield Span(written.rstrip(), kind, start)


def names_in(text: str, pack: LanguagePack) -> frozenset[str]:
    """Return the words of a text that are no keywords: what ``scan`` calls identifiers."""
    if len(text) > MAX_BYTES:
        return frozenset()
    shown = blanked(text, pack.columns)
    words = {
        text[slice(*found.span())]
        for found in pack.lexer.finditer(shown)
        if found.lastgroup == "word"
    }
    keywords, ignore_case = pack.keywords, pack.ignore_case
    return frozenset(
        word.rstrip() for word in words if (word.lower() if ignore_case else word) not in keywords
    )


def bare(text: str, pack: LanguagePack, *, strings: bool = False) -> str:
    """Return ``text`` with blanks for comments and for what is in strings; nothing moves.

    Line ends stay, so lines and columns are the same.

    Args:
        text: Code in any state.
        pack: Its language.
        strings: Whether strings stay as they are.
    """
    shown = blanked(text, pack.columns)
    parts: list[str] = []
    done = 0
    for found in pack.lexer.finditer(shown):
        if found.lastgroup == "comment" or (found.lastgroup == "string" and not strings):
            start, end = found.span()
            hidden = "".join(sign if sign in "\r\n" else " " for sign in shown[start:end])
            if found.lastgroup == "string" and end - start > 1:
                hidden = shown[start] + hidden[1:-1] + shown[end - 1]
            parts += shown[done:start], hidden
            done = end
    return "".join((*parts, shown[done:]))

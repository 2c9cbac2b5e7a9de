"""What is still open at the end of a text that is being written: brackets, strings, comments.

Works by the lexer pattern of the language's pack alone, so it knows half a text as well as a whole
one; a parser would have to guess its end.
"""

from typing import NamedTuple

from fedtranslate.languages.columns import blanked
from fedtranslate.languages.pack import LanguagePack

_PAIRS = {")": "(", "]": "[", "}": "{"}
_QUOTES = frozenset("\"'")
_OVER_LINES = ('"""', "'''")


class Unclosed(NamedTuple):
    """The end of a text, seen from its beginning."""

    brackets: str
    """Brackets that are open, the outermost first."""
    literal: str | None = None
    """The text of the string or comment that is open, from its first character; none: None."""
    spans_lines: bool = True
    """Whether the open literal may go on in the next line."""

    @property
    def nothing(self) -> bool:
        """Whether the text could end here."""
        return not self.brackets and self.literal is None


def unclosed(text: str, pack: LanguagePack) -> Unclosed | None:
    """Return what ``text`` leaves open; None if its brackets have gone wrong.

    They have where one is closed that is not open, and where a statement ends inside one.
    """
    brackets: list[str] = []
    heads: list[str] = []
    before = ""
    text = blanked(text, pack.columns)
    for found in pack.lexer.finditer(text):
        word, kind = found.group(), found.lastgroup
        if kind == "comment":
            if _is_open_comment(text, found.start(), found.end(), pack):
                return Unclosed("".join(brackets), word)
        elif kind == "string":
            if _is_half_a_triple(text, word, found.end()):
                return Unclosed("".join(brackets), text[found.end() - 2 :])
        elif word in _QUOTES:
            literal = text[found.start() :]
            over_lines = literal.startswith(_OVER_LINES) or text[: found.start()].endswith("@")
            return Unclosed("".join(brackets), literal, spans_lines=over_lines)
        elif word in _PAIRS:
            if not brackets or brackets.pop() != _PAIRS[word]:
                return None
            heads.pop()
        elif word in "([{":
            brackets.append(word)
            heads.append(before)
        elif (
            word == ";"
            and brackets
            and brackets[-1] != "{"
            and pack.semicolons.isdisjoint((brackets[-1], heads[-1]))
        ):
            return None
        before = word
    return Unclosed("".join(brackets))


def _is_open_comment(text: str, start: int, end: int, pack: LanguagePack) -> bool:
    """Tell whether the comment would swallow the next line."""
    if end < len(text):
        return False
    longer = pack.lexer.match(f"{text}\n;", start)
    return longer is not None and longer.end() > end


def _is_half_a_triple(text: str, word: str, end: int) -> bool:
    """Tell an empty string before a third quote: the beginning of a string over many lines."""
    return word[-2:] in ('""', "''") and len(word) <= 4 and text[end : end + 1] == word[-1]

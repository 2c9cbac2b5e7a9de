"""Texts that are laid out like punched cards: only some columns of a line hold code.

The columns before and after are blanked with vertical tabs, which are white space for every
pattern of a pack and stand in no other text, so that the patterns can tell.  Nothing moves: a
place in the blanked text is the same place in the text.
"""

import re
from dataclasses import dataclass

from fedtranslate.languages.newlines import text_with_line_feeds

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Which columns of a line hold code."""

    line: re.Pattern[str]
    """Matches a whole line of a text that is laid out so."""
    first: int
    """The first column that holds code, counted from 1."""
    last: int


def is_in_columns(text: str, columns: Columns) -> bool:
    """Tell whether every line of ``text`` is laid out in columns.

    The first line may have lost its indentation, as that of a unit does; where it is the only
    one, nothing is known, and the answer is no.
    """
    lines = [found[0] for found in _LINE.finditer(text) if found[0].strip()]
    if not all(columns.line.fullmatch(line) for line in lines[1:]):
        return False
    return bool(lines) and (len(lines) > 1 or columns.line.fullmatch(lines[0]) is not None)


def blanked(text: str, columns: Columns | None) -> str:
    """Return ``text`` as the patterns of a pack must see it; nothing moves.

    There are blanks in the columns that hold no code, and lines end as the patterns expect.  A
    first line that has lost its indentation keeps all it has.
    """
    text = text_with_line_feeds(text)
    if columns is None or not is_in_columns(text, columns):
        return text
    left = "\v" * (columns.first - 1)

    def blank(found: re.Match[str]) -> str:
        line = found[0]
        if columns.line.fullmatch(line) is None:
            return line
        code = line[columns.first - 1 : columns.last]
        return left[: len(line)] + code + "\v" * (len(line) - len(left) - len(code))

    return _LINE.sub(blank, text)

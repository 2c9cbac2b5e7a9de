"""Code as a page shows it: readable, with nothing hidden in it, compared word by word.

Code comes from models and from other people, so it is taken as hostile: characters that hide
text or turn it around are spelled out, and no comparison takes longer than a bounded time.
Escaping for HTML is not done here; the templates do it for everything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "extra", "missing"]

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control, zero-width and bidirectional characters.

Reference: Boucher and Anderson 2021, arXiv:2111.00169.
"""
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_STEP = 4
"""Blanks of one step of indentation."""
_MAX_WORDS = 1500
"""Longer texts are not compared: difflib can need the square of it, and more."""
_MAX_SHOWN = 40_000
"""Characters of one text; the rest is left out of the page, with a note."""
_LIKE = 0.35
"""Texts that share less than this are shown without marks, which would only confuse."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and how it relates to the reference."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A text with its differences from a reference."""

    pieces: tuple[Piece, ...]
    """In reading order; without the missing ones they are the text."""
    is_same: bool
    """Whether both are the same but for white space."""
    note: str = ""
    """Why no differences are marked, if they are not."""


def spelled(text: str) -> str:
    """Return ``text`` with its hidden characters spelled out, such as ``[U+202E]``."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def shown(text: str) -> str:
    """Return ``text`` for display: hidden characters spelled out, common indentation gone."""
    plain = spelled(text.replace("\r\n", "\n").expandtabs(4)).strip("\n")
    if len(plain) > _MAX_SHOWN:
        left_out = len(plain) - _MAX_SHOWN
        plain = f"{plain[:_MAX_SHOWN]}\n[{left_out} more characters are not shown]"
    return _dedented(plain)


def compare(text: str, reference: str) -> Compared:
    """Mark what ``text`` has beyond ``reference``, and what it lacks; white space is ignored."""
    new, old = (_WORD.findall(shown(side).rstrip()) for side in (text, reference))
    bare_new, bare_old = ([word.strip() for word in side] for side in (new, old))
    if bare_new == bare_old:
        return Compared(_joined("same", new), is_same=True)
    if max(len(new), len(old)) > _MAX_WORDS:
        return Compared(_joined("same", new), is_same=False, note="too long to be compared")
    matcher = SequenceMatcher(None, bare_old, bare_new, autojunk=False)
    if matcher.ratio() < _LIKE:
        return Compared(_joined("same", new), is_same=False, note="shares little with it")
    return Compared(tuple(_pieces(matcher, old, new)), is_same=False)


def _dedented(text: str) -> str:
    """Take away the indentation of the place a unit was cut from: its first line lost it there.

    A closing bracket on the last line tells how deep that is; without one, as in Python, the
    body is one step deeper than the first line.
    """
    first, _, rest = text.partition("\n")
    lines = rest.splitlines()
    depth = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    if lines and not lines[-1].lstrip().startswith(("}", ")", "]")):
        depth = max(0, depth - _STEP)
    own = len(first) - len(first.lstrip(" "))
    return "\n".join([first[min(depth, own) :], *(line[depth:] for line in lines)]).rstrip()


def _pieces(matcher: "SequenceMatcher[str]", old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, old_words, new_words in _coarse(matcher, old, new):
        if kind == "same":
            yield from _joined("same", new_words)
            continue
        lead_old, missing = _cut_space("".join(old_words))
        lead_new, extra = _cut_space("".join(new_words))
        yield from _joined("same", [lead_new])
        yield from _joined("missing", [] if extra else [lead_old])
        yield from _joined("missing", [missing])
        yield from _joined("extra", [extra])


def _cut_space(text: str) -> tuple[str, str]:
    """Part the white space before a change from it, so that marks start at a word."""
    bare = text.lstrip()
    return text[: len(text) - len(bare)], bare


def _coarse(
    matcher: "SequenceMatcher[str]", old: list[str], new: list[str]
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield runs of equal and of different words; lone punctuation between changes is a change."""
    runs: list[tuple[str, list[str], list[str]]] = []
    codes = matcher.get_opcodes()
    for index, (tag, i, j, k, m) in enumerate(codes):
        inner = 0 < index < len(codes) - 1
        text = "".join(old[i:j])
        is_bridge = inner and tag == "equal" and not re.search(r"[\w\n]", text) and j - i <= 2
        kind = "same" if tag == "equal" and not is_bridge else "changed"
        if runs and runs[-1][0] == kind:
            _, before_old, before_new = runs.pop()
            runs.append((kind, before_old + old[i:j], before_new + new[k:m]))
        else:
            runs.append((kind, old[i:j], new[k:m]))
    yield from runs


def _joined(kind: Kind, words: list[str]) -> tuple[Piece, ...]:
    text = "".join(words)
    return (Piece(kind, text),) if text else ()

"""Comments that stand apart: above imports, between members, behind code, at the end of a file.

What stands directly above a declaration goes with it.  Of the rest each comment is put to the
declaration that comes next in the same type, or else to the one before; what belongs to a type,
which is no place of its own, goes above that type, and what belongs to nothing to the top of the
file or to its end.  What finds no place is not carried over, and told (``lost_comments``).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fedtranslate.languages.outlines.declarations import Declaration, Outline
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.scanning import scan
from fedtranslate.languages.skeletons.comments import comments_in, convert_comment
from fedtranslate.languages.skeletons.slots import Pieces, Skeleton, Slot, on_lines

_SHOWN = 100
_WHITE = b" \t\r\n\f\v"


@dataclass(slots=True)
class Loose:
    """Where the comments of a file go that stand apart, as they are written there."""

    above: dict[int, list[str]] = field(default_factory=dict)
    """By the ``start_byte`` of a declaration."""
    below: dict[int, list[str]] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    start: int
    """In bytes, as declarations have it."""
    end: int
    line: int
    """From 1."""
    next_code: int
    """Where the next code begins; comments are none."""


def loose_comments(text: str, pack: LanguagePack, outline: Outline) -> Loose:
    """Return where the comments of a file go that belong to no declaration.

    Args:
        text: The file.
        pack: Its language.
        outline: What it declares.
    """
    code = text.encode("utf-8", "replace")
    found, places = Loose(), _Places(code, outline.declarations)
    for one in _comments(text, pack):
        if not places.is_taken(one) and one.text not in outline.header:
            places.put(one, found)
    return found


def with_own_comments(outline: Outline, loose: Loose) -> Outline:
    """Return an outline of which header and types have the loose comments that go there."""
    header = "\n".join(part for part in (outline.header, *loose.header) if part)
    return replace(
        outline,
        header=header,
        declarations=tuple(_commented(one, loose.above) for one in outline.declarations),
    )


def _commented(declaration: Declaration, above: Mapping[int, Sequence[str]]) -> Declaration:
    if declaration.kind != "type":
        return declaration
    docs = (*above.get(declaration.start_byte, ()), declaration.docs)
    return replace(
        declaration,
        docs="\n".join(part for part in docs if part),
        members=tuple(_commented(one, above) for one in declaration.members),
    )


def with_loose_comments(skeleton: Skeleton, loose: Loose, source: LanguagePack) -> Skeleton:
    """Return a skeleton with the loose comments above and below its places, and at its end."""

    def converted(comments: Sequence[str]) -> str:
        parts = (convert_comment(one, source, skeleton.target) for one in comments)
        return "\n".join(part for part in parts if part)

    pieces: Pieces = []
    before, rest = "\n", [*skeleton.pieces[1:], "\n"]
    for piece, after in zip(skeleton.pieces, rest, strict=True):
        if not isinstance(piece, Slot):
            pieces.append(piece)
            before = piece
            continue
        above = converted(loose.above.get(piece.start_byte, ()))
        if above and before.endswith("\n"):
            pieces.append(on_lines(above, piece.indent) + "\n")
        pieces.append(piece)
        below = converted(loose.below.get(piece.start_byte, ()))
        if below and isinstance(after, str) and after.startswith("\n"):
            pieces.append("\n\n" + on_lines(below, piece.indent))
        before = ""
    if end := converted(loose.end):
        is_apart = isinstance(pieces[-1], str) and pieces[-1].endswith("\n") if pieces else True
        pieces.append(("\n" if is_apart else "\n\n") + end + "\n")
    return replace(skeleton, pieces=tuple(pieces))


def lost_comments(text: str, pack: LanguagePack, skeleton: Skeleton) -> Iterator[str]:
    """Yield the comments of a file that its skeleton does not have, each with its line.

    Those of declarations that a model writes do not count here: they are compared when it has.
    """
    slots = [piece for piece in skeleton.pieces if isinstance(piece, Slot)]
    asked = sorted((one.start_byte, one.end_byte) for one in slots if not one.sure)
    starts = [start for start, _ in asked]
    written = "\n".join(
        piece if isinstance(piece, str) else piece.stub
        for piece in skeleton.pieces
        if isinstance(piece, str) or piece.sure
    )
    words = f" {' '.join(comments_in(written, skeleton.target))} "
    at = 0
    after: dict[str, int] = {}
    for one in _comments(text, pack):
        place = bisect_right(starts, one.start)
        if place and one.start < asked[place - 1][1]:
            continue
        said = " ".join(comments_in(one.text, pack))
        if not said:
            continue
        # Mostly they stand in the order of the source; then each is found at once.
        least = after.get(said, 0)
        found = words.find(f" {said} ", max(at, least))
        if found < 0:
            found = words.find(f" {said} ", least)
        if found < 0:
            yield f"line {one.line}: comment: {said[:_SHOWN]}{'...' * (len(said) > _SHOWN)}"
        else:
            at = after[said] = found + len(said) + 1


def _comments(text: str, pack: LanguagePack) -> Iterator[_Comment]:
    """Yield the comments of a text, from top to bottom."""
    place = at = line = 0
    waiting: list[_Comment] = []
    for token in scan(text, pack):
        if token.kind != "comment" and not waiting:
            continue
        between = text[at : token.start]
        place += len(between.encode("utf-8", "replace"))
        line += between.count("\n")
        at = token.start
        if token.kind == "comment":
            end = place + len(token.text.encode("utf-8", "replace"))
            waiting.append(_Comment(token.text, place, end, line + 1, end))
        else:
            yield from (replace(one, next_code=place) for one in waiting)
            waiting = []
    size = place + len(text[at:].encode("utf-8", "replace"))
    yield from (replace(one, next_code=size) for one in waiting)


class _Places:
    """Finds the declarations of one file that comments go to."""

    def __init__(self, code: bytes, declarations: Sequence[Declaration]) -> None:
        self._code = code
        self._top = declarations
        self._starts: dict[int, list[int]] = {}

    def is_taken(self, comment: _Comment) -> bool:
        """Tell whether a comment is part of a declaration already."""
        around, inner = self._around(comment)
        if inner is not None:
            return True
        return around is not None and comment.line < around.line

    def put(self, comment: _Comment, found: Loose) -> None:
        """Put a comment where it belongs; nowhere where it speaks of code that has no place."""
        around, _ = self._around(comment)
        siblings = self._top if around is None else around.members
        place = self._place(siblings, comment.start)
        before = siblings[place - 1] if place else None
        after = siblings[place] if place < len(siblings) else None
        text = [comment.text]
        if self._is_behind_code(comment):
            if before is not None and b"\n" not in self._code[before.end_byte : comment.start]:
                found.above.setdefault(before.start_byte, []).extend(text)
            elif around is not None and comment.line == around.line:
                found.above.setdefault(around.start_byte, []).extend(text)
        elif after is not None and (around is not None or comment.next_code >= after.start_byte):
            found.above.setdefault(after.start_byte, []).extend(text)
        elif after is not None and before is None:
            found.header.extend(text)
        elif around is None:
            (found.end if before is not None else found.header).extend(text)
        elif before is not None and before.kind != "type":
            found.below.setdefault(before.start_byte, []).extend(text)
        else:
            nearest = around if before is None else before
            found.above.setdefault(nearest.start_byte, []).extend(text)

    def _around(self, comment: _Comment) -> tuple[Declaration | None, Declaration | None]:
        """Return the innermost type around a comment, and the other declaration that it is in."""
        around: Declaration | None = None
        siblings = self._top
        while True:
            place = self._place(siblings, comment.start)
            one = siblings[place - 1] if place else None
            if one is None or one.end_byte <= comment.start:
                return around, None
            if one.kind != "type":
                return around, one
            around, siblings = one, one.members

    def _place(self, siblings: Sequence[Declaration], start: int) -> int:
        known = self._starts.get(id(siblings))
        if known is None:
            known = self._starts[id(siblings)] = [one.start_byte for one in siblings]
        return bisect_right(known, start)

    def _is_behind_code(self, comment: _Comment) -> bool:
        line_start = self._code.rfind(b"\n", 0, comment.start) + 1
        return bool(self._code[line_start : comment.start].strip(_WHITE))

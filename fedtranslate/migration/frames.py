"""The text of a target file around its units, and how units are put into it.

Between languages a frame is what the rules of the packs made of the file (its *skeleton*), or,
where the packs have no rules for it, nothing but a place for each unit.  Within one language it is
the file itself, of which only the selected units may change: not another byte does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from fedtranslate.languages.newlines import with_newlines
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.loose import lost_comments
from fedtranslate.languages.skeletons.skeleton import Skeleton, Slot, assemble
from fedtranslate.languages.splice import splice
from fedtranslate.languages.units import read_source
from fedtranslate.migration.journal.shapes import is_shaped, reading, shaped
from fedtranslate.records import Unit

Span = tuple[int, int]
"""First and last line of a unit in its target file, from 1."""
_NAMES = tuple(field.name for field in fields(Slot))
_SLOT = {field.name: {field.type} for field in fields(Slot)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A target file with its units in it."""

    data: bytes
    lines: Mapping[int, Span]
    """Of each unit, by where it begins in the source."""


def flat_frame(
    units: Sequence[Unit], text: str, packs: tuple[LanguagePack, LanguagePack]
) -> Skeleton:
    """Return a frame that holds nothing but the units, one after the other.

    Args:
        units: Of the file.
        text: The file; its comments outside of units are the losses of the frame.
        packs: Of source and target.
    """
    pieces: list[str | Slot] = []
    for unit in units:
        pieces += _plain_slot(unit), "\n\n"
    if units:
        pieces[-1] = "\n"
    frame = Skeleton(tuple(pieces), (), packs[1])
    return replace(frame, losses=tuple(dict.fromkeys(lost_comments(text, packs[0], frame))))


def _plain_slot(unit: Unit) -> Slot:
    return Slot(
        start_byte=unit.start_byte,
        end_byte=unit.end_byte,
        kind=unit.kind,
        name=unit.name,
        container=unit.container,
        indent="",
        target_name=unit.name,
        signature="",
        stub="",
        sure=False,
    )


def frame_text(frame: Skeleton) -> str:
    """Return a frame as the journal keeps it."""
    return json.dumps(
        [piece if isinstance(piece, str) else _fields(piece) for piece in frame.pieces]
    )


def _fields(slot: Slot) -> dict[str, object]:
    """Return what ``asdict`` does, which takes ten times as long for it goes into the values."""
    return {name: getattr(slot, name) for name in _NAMES}


def read_frame(text: str, target: LanguagePack) -> Skeleton:
    """Return the frame that ``frame_text`` wrote, without its losses.

    Raises:
        UnreadableError: It wrote no such text.
    """
    with reading("a frame"):
        pieces = shaped(text, [{str, dict}])
        return Skeleton(tuple(map(_piece, pieces)), (), target)


def _piece(piece: Any) -> str | Slot:  # noqa: ANN401 - any JSON
    if isinstance(piece, str):
        return piece
    if not is_shaped(piece, _SLOT):
        raise ValueError("it has another form")
    return Slot(**piece)


def fill(frame: Skeleton, texts: Mapping[int, str], source: bytes) -> Placed:
    """Put ``texts`` into a frame; places without one keep their stubs.

    Args:
        frame: Of the file.
        texts: By where the units begin in the source.
        source: The source file: its encoding and line ends are those of the result.
    """
    text, ranges = assemble(frame, texts)
    like = read_source(source)
    lines = {
        start: (text.count("\n", 0, begin) + 1, text.count("\n", 0, end) + 1)
        for start, (begin, end) in ranges.items()
    }
    return Placed(_encoded(text, like.newline, like.encoding, like.bom), lines)


def edit(source: bytes, spans: Mapping[int, int], texts: Mapping[int, str]) -> Placed:
    """Replace units of a file; every byte outside of them stays.

    Args:
        source: The file.
        spans: Where each selected unit ends, by where it begins, in bytes of the text in UTF-8.
        texts: The new texts, flush left, by where the units begin; a unit without one stays.
    """
    like = read_source(source)
    code = like.text.encode("utf-8", "replace")
    pieces = []
    for start, text in texts.items():
        line_start = code.rfind(b"\n", 0, start) + 1
        before = code[line_start:start].decode("utf-8", "replace")
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        pieces.append((start, spans[start], _indented(text, indent).encode("utf-8", "replace")))
    lines, moved = {}, 0
    new = {start: piece for start, _, piece in pieces}
    for start, end in sorted(spans.items()):
        first = code.count(b"\n", 0, start) + 1 + moved
        old_breaks = code.count(b"\n", start, end)
        breaks = new[start].count(b"\n") if start in new else old_breaks
        lines[start] = (first, first + breaks)
        moved += breaks - old_breaks
    encoded = [
        (start, end, with_newlines(piece.decode(), like.newline).encode())
        for start, end, piece in pieces
    ]
    text = splice(code, encoded).decode("utf-8", "replace")
    return Placed(_encoded(text, "", like.encoding, like.bom), lines)


def _indented(text: str, indent: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(f"{indent}{line}" if line.strip() else line for line in rest)])


def _encoded(text: str, newline: str, encoding: str, bom: bytes) -> bytes:
    """Return ``text`` in ``encoding``, or in UTF-8 when that lacks one of its characters."""
    written = with_newlines(text, newline) if newline else text
    try:
        return bom + written.encode(encoding)
    except UnicodeEncodeError:
        return (b"" if encoding == "latin-1" else bom) + written.encode("utf-8", "replace")

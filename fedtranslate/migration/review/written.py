"""What a migration wrote: the text of each unit, and of each file with who wrote which part of it.

The staged tree takes over what people have changed, so this is put together anew from frames and
attempts.  Line ends are line feeds here, whatever the files have.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fedtranslate.languages.newlines import with_newlines
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.skeletons.skeleton import Slot, assemble
from fedtranslate.languages.skeletons.slots import slots_in
from fedtranslate.languages.units import read_source
from fedtranslate.migration.assembly import Assembly
from fedtranslate.migration.carry import parted
from fedtranslate.migration.frames import edit, read_frame
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.plan import PROJECT
from fedtranslate.migration.scan import RESOURCE
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedFile, PlannedUnit, UnitState
from fedtranslate.migration.stubs import marked_stub


class Origin(StrEnum):
    """Who wrote a text."""

    MODEL = "model"
    RULE = "rule"
    """The rules of the packs, carried comments among what they wrote."""
    STUB = "stub"
    """It holds the place of a translation that failed, or that is not there yet."""
    SOURCE = "source"
    """Within one language: nobody but the authors of the source."""


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """The text of a unit, flush left, as it was put into its file."""

    text: str
    origin: Origin
    above: int = 0
    """So many characters of ``text`` are comments that were carried over from the source."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a written file that belongs to one unit."""

    start: int
    """In characters of the file's text."""
    end: int
    unit: str
    """Its id."""
    kind: str
    origin: Origin
    above: int
    """So many characters at its start were carried over."""

    @property
    def by_model(self) -> range:
        """The characters that the model wrote."""
        is_model = self.origin is Origin.MODEL
        return range(min(self.start + self.above, self.end) if is_model else self.end, self.end)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """The text of a file, and its parts in order; what is between them the rules wrote."""

    text: str
    parts: tuple[Part, ...]
    between: Origin = Origin.RULE

    def characters(self) -> dict[Origin, int]:
        """Return how many characters are of which origin."""
        counts = dict.fromkeys(Origin, 0)
        for part in self.parts:
            counts[part.origin] += part.end - part.start
            if part.origin is Origin.MODEL:
                above = part.end - part.start - len(part.by_model)
                counts[Origin.MODEL] -= above
                counts[Origin.RULE] += above
        counts[self.between] += len(self.text) - sum(counts.values())
        return counts


class Written:
    """Tells what was written, out of a journal.

    Args:
        journal: Of the output; it is only read.
        settings: With which the migration ran.
    """

    def __init__(self, journal: Journal, settings: MigrationSettings) -> None:
        self._journal = journal
        self._settings = settings
        self.packs: tuple[LanguagePack, LanguagePack] = (
            load_pack(settings.source),
            load_pack(settings.target),
        )
        self._assembly = Assembly(journal, settings, self.packs)

    def unit(self, unit: PlannedUnit, stub: str = "") -> WrittenUnit:
        """Return what was written for a unit.

        Args:
            unit: With its text.
            stub: What the rules made of its declaration.
        """
        if unit.state is UnitState.RULE:
            return WrittenUnit(stub, Origin.RULE)
        if unit.state is UnitState.FAILED:
            if self._settings.is_edit:
                return WrittenUnit(unit.text, Origin.SOURCE)
            return WrittenUnit(marked_stub(unit, stub, self.packs), Origin.STUB)
        attempt = self._assembly.standing(unit)
        if attempt is None:
            origin = Origin.SOURCE if self._settings.is_edit else Origin.STUB
            return WrittenUnit(unit.text if self._settings.is_edit else stub, origin)
        text = self._assembly.text_of(unit, attempt)
        code = attempt.text
        if text != code:
            code = parted(code, self.packs[1]).code.lstrip()
        above = len(text) - len(code) if code and text.endswith(code) else 0
        return WrittenUnit(text, Origin.MODEL, above)

    def slots(self, file: PlannedFile) -> dict[int, Slot]:
        """Return the places of a file's units, by where these begin; none within one language."""
        if not file.frame or file.role in (PROJECT, RESOURCE):
            return {}
        return {
            slot.start_byte: slot for slot in slots_in(read_frame(file.frame, self.packs[1]).pieces)
        }

    def file(self, file: PlannedFile) -> WrittenFile | None:
        """Return what was written as a file of text.

        None for resources, files that could not be cut, and, within one language, files whose
        source is not as it was any more.
        """
        if file.role == PROJECT:
            return WrittenFile(with_newlines(file.frame, "\n"), ())
        if file.role == RESOURCE or not (file.frame or self._settings.is_edit):
            return None
        units = list(self._journal.units("path = ?", (file.path,)))
        return self._edited(file, units) if self._settings.is_edit else self._filled(file, units)

    def _filled(self, file: PlannedFile, units: Sequence[PlannedUnit]) -> WrittenFile:
        slots = self.slots(file)
        written = {
            unit.start: self.unit(unit, slots[unit.start].stub)
            for unit in units
            if unit.start in slots
        }
        texts = {
            start: one.text
            for start, one in written.items()
            if one.origin is not Origin.RULE and one.text
        }
        text, ranges = assemble(read_frame(file.frame, self.packs[1]), texts)
        plain = with_newlines(text, "\n")
        parts = []
        for unit in units:
            one = written.get(unit.start)
            if one is None or unit.start not in ranges:
                continue
            start, end = (len(with_newlines(text[:place], "\n")) for place in ranges[unit.start])
            lines = with_newlines(one.text[: one.above], "\n").count("\n")
            above = _first_lines(plain[start:end], lines)
            parts.append(Part(start, end, unit.id, unit.kind, one.origin, above))
        return WrittenFile(plain, tuple(sorted(parts, key=lambda part: part.start)))

    def _edited(self, file: PlannedFile, units: Sequence[PlannedUnit]) -> WrittenFile | None:
        place = self._settings.repository / os.fsdecode(file.path.encode())
        try:
            data = place.read_bytes()
        except OSError:
            return None
        spans = {unit.start: unit.end for unit in units}
        length = len(read_source(data).text.encode("utf-8", "replace"))
        if any(end > length for end in spans.values()):
            return None
        written = {unit.start: self.unit(unit) for unit in units}
        texts = {start: one.text for start, one in written.items() if one.origin is Origin.MODEL}
        placed = edit(data, spans, texts)
        text = with_newlines(read_source(placed.data).text, "\n")
        lines = _line_starts(text)
        parts = (
            Part(*_bare(text, lines, placed.lines[unit.start]), unit.id, unit.kind, origin, 0)
            for unit in units
            if unit.start in placed.lines
            for origin in (written[unit.start].origin,)
        )
        return WrittenFile(text, tuple(parts), Origin.SOURCE)

    def files(self) -> Iterator[tuple[PlannedFile, WrittenFile | None]]:
        """Yield each file of code or of the project with what was written, one at a time."""
        for path in self._journal.paths():
            file = self._journal.file(path)
            if file is not None and file.role != RESOURCE:
                yield file, self.file(file)


def _first_lines(text: str, number: int) -> int:
    """Return how long the first lines of a text are, with the indentation of the next one."""
    if not number:
        return 0
    rest = text.split("\n", number)[-1]
    return len(text) - len(rest.lstrip(" \t"))


def _line_starts(text: str) -> list[int]:
    starts = [0]
    while (end := text.find("\n", starts[-1])) >= 0:
        starts.append(end + 1)
    return starts


def _bare(text: str, lines: Sequence[int], span: tuple[int, int]) -> tuple[int, int]:
    """Return where the text of some lines begins and ends, without the white space around it."""
    first, last = span
    begin = lines[min(first, len(lines)) - 1]
    end = lines[last] if last < len(lines) else len(text)
    stretch = text[begin:end]
    begin += len(stretch) - len(stretch.lstrip())
    return begin, max(begin, begin + len(stretch.strip()))

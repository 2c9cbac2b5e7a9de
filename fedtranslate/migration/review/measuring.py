"""How much of what a model wrote is still in the output, now that people have been there.

The share is that of Google's migrations: characters that the model wrote and nobody has changed,
of all characters that are in the file now.  Reference: arXiv:2501.06972.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.languages.newlines import with_newlines
from fedtranslate.languages.units import read_source
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.locating import Located
from fedtranslate.migration.review.survival import Survival
from fedtranslate.migration.review.written import Origin, Part, Written, WrittenFile
from fedtranslate.migration.scan import CODE
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedFile
from fedtranslate.migration.stubs import MARK


@dataclass(frozen=True, slots=True)
class FileMeasure:
    """What became of one file; all counts but those of units are of characters."""

    path: str
    """In the source."""
    target: str
    now: int = 0
    """In the file as it is now."""
    by_model: int = 0
    """That the model wrote."""
    kept: int = 0
    """Of those, what is unchanged now."""
    unchanged_units: int = 0
    """Of the model."""
    changed_units: int = 0
    gone_units: int = 0
    """Of the model, and not in the file any more."""
    stubs: int = 0
    """Units that are stubs still."""
    replaced_stubs: int = 0
    """Units whose stubs people have replaced with code."""
    note: str = ""
    """Why it was not measured; empty where it was."""

    @property
    def share(self) -> float | None:
        """Share of the model in the file; None for a file that is empty or gone."""
        return min(1.0, self.kept / self.now) if self.now else None

    def __add__(self, other: "FileMeasure") -> "FileMeasure":
        """Return the measure of both together, without a name."""
        return FileMeasure(
            "",
            "",
            self.now + other.now,
            self.by_model + other.by_model,
            self.kept + other.kept,
            self.unchanged_units + other.unchanged_units,
            self.changed_units + other.changed_units,
            self.gone_units + other.gone_units,
            self.stubs + other.stubs,
            self.replaced_stubs + other.replaced_stubs,
        )


def measured(
    journal: Journal,
    settings: MigrationSettings,
    out: Path,
    worker: ParseWorker,
    on_file: Callable[[str], None] = lambda _: None,
) -> Iterator[FileMeasure]:
    """Yield the measure of each file of code, by path.

    Args:
        journal: Of the output.
        settings: With which the migration ran.
        out: Where the output is now.
        worker: Parses what is not trusted.
        on_file: Called with the path of each file.
    """
    written = Written(journal, settings)
    for file, text in written.files():
        on_file(file.path)
        if file.role == CODE:
            yield _measure(file, text, out, settings.target, worker)


def text_now(file: PlannedFile, out: Path) -> str | None:
    """Return a file of the output with line feeds; None where it is not there any more."""
    try:
        return with_newlines(read_source((out / file.target).read_bytes()).text, "\n")
    except OSError:
        return None


def _measure(
    file: PlannedFile, written: WrittenFile | None, out: Path, language: str, worker: ParseWorker
) -> FileMeasure:
    if written is None or not file.written:
        reason = file.reason or "its source is not as it was when it was migrated"
        return FileMeasure(file.path, file.target, note=f"not written by the migration: {reason}")
    text = text_now(file, out)
    by_model = sum(len(part.by_model) for part in written.parts)
    counts = dict.fromkeys(("kept", "unchanged", "changed", "gone", "stubs", "replaced"), 0)
    located = None if text is None else Located(written, text, language, worker)
    for part in written.parts:
        now = located.text_of(part) if located else None
        if part.origin is Origin.STUB:
            if now is not None:
                is_stub = is_still_stub(now, part, written)
                counts["stubs" if is_stub else "replaced"] += 1
        elif part.origin is Origin.MODEL:
            kept, state = _kept(located, part, written, now)
            counts["kept"] += kept
            counts[state] += 1
    return FileMeasure(
        file.path,
        file.target,
        len(text or ""),
        by_model,
        counts["kept"],
        counts["unchanged"],
        counts["changed"],
        counts["gone"],
        counts["stubs"],
        counts["replaced"],
    )


def _kept(
    located: Located | None, part: Part, written: WrittenFile, now: str | None
) -> tuple[int, str]:
    """Return how many characters of a unit are unchanged, and what became of it."""
    by_model = part.by_model
    if located is None:
        return 0, "gone"
    in_place = located.survival.surviving(by_model.start, by_model.stop)
    if now is None:
        return in_place, "gone"
    before = written.text[part.start : part.end]
    if is_as_written(now, part, written):
        return len(by_model), "unchanged"
    moved = Survival(before, now).surviving(by_model.start - part.start, len(before))
    return max(in_place, moved), "changed"


def is_as_written(now: str, part: Part, written: WrittenFile) -> bool:
    """Tell whether a unit is as it was but for indentation and blanks at the ends of lines."""
    return _plain(now) == _plain(written.text[part.start : part.end])


def is_still_stub(now: str, part: Part, written: WrittenFile) -> bool:
    """Tell whether what stands in the place of a stub is one still."""
    return MARK in now or is_as_written(now, part, written)


def _plain(text: str) -> list[str]:
    return [line for each in text.split("\n") if (line := each.strip())]

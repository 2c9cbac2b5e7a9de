"""Units that people have accepted or corrected, as pairs that a site can learn from."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.locating import Located
from fedtranslate.migration.review.measuring import is_as_written, is_still_stub, text_now
from fedtranslate.migration.review.written import Origin, Part, Written, WrittenFile
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedFile, PlannedUnit
from fedtranslate.records import CodePair


@dataclass(frozen=True, slots=True)
class Judged:
    """What a review makes of one unit: a pair, or the reason why it is none."""

    unit: str
    """Its id."""
    pair: CodePair | None = None
    corrected: bool = False
    """Whether people have changed it since it was written."""
    reason: str = ""
    """Why there is no pair, and what to do."""


def judged(
    journal: Journal,
    settings: MigrationSettings,
    out: Path,
    worker: ParseWorker,
    units: Collection[str] = (),
    *,
    everything: bool = False,
) -> Iterator[Judged]:
    """Yield the units that are accepted, as they are in the output now, by path and place.

    With neither ``units`` nor ``everything`` these are the units that people have corrected.

    Args:
        journal: Of the output.
        settings: With which the migration ran.
        out: Where the output is now.
        worker: Parses what is not trusted.
        units: Ids; these and no others, and each of them is told of.
        everything: All that the model wrote; stubs are told of, with the reason.
    """
    written = Written(journal, settings)
    named = frozenset(units)
    paths = {unit.path for name in named if (unit := journal.unit(name)) is not None}
    for path in sorted(paths) if named else journal.paths():
        file = journal.file(path)
        if file is None:
            continue
        text = written.file(file)
        now = text_now(file, out)
        of_file = [unit.id for unit in journal.units("path = ?", (path,)) if unit.id in named]
        if text is None or now is None or not file.written:
            yield from (Judged(unit, reason=_no_file(file, now)) for unit in of_file)
            continue
        parts = [part for part in text.parts if not named or part.unit in named]
        found = Located(text, now, settings.target, worker)
        for part in parts:
            unit = journal.unit(part.unit)
            if unit is None:
                continue
            one = _judge(unit, part, text, found, settings, file)
            if named or one.corrected or everything:
                if everything and not named and part.origin is Origin.RULE:
                    continue
                yield one
        missing = set(of_file) - {part.unit for part in parts}
        yield from (Judged(unit, reason="it has no place in its file") for unit in sorted(missing))


def _judge(
    unit: PlannedUnit,
    part: Part,
    written: WrittenFile,
    found: Located,
    settings: MigrationSettings,
    file: PlannedFile,
) -> Judged:
    now = found.text_of(part)
    if part.origin is Origin.RULE:
        return Judged(unit.id, reason="rules wrote it: there is nothing to learn from it")
    if now is None:
        return Judged(unit.id, reason=f"it is not in {file.target} any more")
    if part.origin is Origin.STUB and is_still_stub(now, part, written):
        return Judged(
            unit.id,
            reason=f"it is a stub: translate it in {file.target}, or try it again with"
            " 'fedtranslate migrate retry'",
        )
    corrected = not is_as_written(now, part, written)
    if part.origin is Origin.SOURCE and not corrected:
        return Judged(unit.id, reason="no edit passed the checks, and it is as it was")
    source, target = flush_left(unit.text), flush_left(now)
    if not (_is_text(source) and _is_text(target)):
        return Judged(unit.id, reason="it has half of a surrogate pair, which is no text")
    pair = CodePair(
        source=source,
        target=target,
        source_language=settings.source,
        target_language=settings.target,
        id=f"{settings.repository.name}/{unit.id}",
        group=unit.path,
    )
    return Judged(unit.id, pair, corrected)


def _no_file(file: PlannedFile, now: str | None) -> str:
    if now is None:
        return f"{file.target} is not there any more"
    return f"{file.target} is none that the migration wrote: {file.reason}".rstrip(": ")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip())

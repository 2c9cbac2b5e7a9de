"""Write the page of a migration, and its JSON document, straight from the journal to the disk.

What is held in memory grows with the number of files and units, not with their texts.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.mending import mended
from fedtranslate.migration.review.written import Written
from fedtranslate.migration.states import PlannedUnit
from fedtranslate.report.migration.attention import in_words
from fedtranslate.report.migration.content import Overview, overview
from fedtranslate.report.migration.document import document
from fedtranslate.report.migration.page import page
from fedtranslate.report.migration.units import UnitReader

PAGE = "report.html"
DOCUMENT = "migration.json"


def write_report(
    journal: Journal,
    out: Path,
    html: Path | None,
    json: Path | None = None,
    on_file: Callable[[str], None] = lambda _: None,
) -> None:
    """Write the page to ``html`` and the document to ``json``; either may be left out.

    A reader sees the old files or the new ones; folders are made if missing.

    Args:
        journal: Of the output; it is only read.
        out: The output folder.
        html: Usually ``PAGE`` in the folder of the journal.
        json: Usually ``DOCUMENT`` there.
        on_file: Called with the path of each file that was read.

    Raises:
        MigrationError: The journal knows no settings: nothing has begun.
    """
    settings = journal.settings()
    written = Written(journal, settings)
    found = overview(journal, settings, written, on_file, mended(journal, settings, out))
    reader = UnitReader(journal, written)
    if html is not None:
        rows = _rows(journal, found)
        _write(html, page(found, rows, _details(found, reader), str(out)))
    if json is not None:
        _write(json, document(found, (reader.read(place) for place in found.order)))


def _rows(journal: Journal, found: Overview) -> Iterator[dict[str, Any]]:
    """Yield what the table shows of each unit, in the order of review."""
    files = {file.path: file.target for file in found.files}
    attempts = journal.attempts_by_unit()
    light = {unit.id: unit for unit in journal.brief_units()}
    for place in found.order:
        unit = light[place.unit]
        yield {
            "name": _name(unit),
            "kind": unit.kind,
            "path": unit.path,
            "line": unit.first_line,
            "state": str(unit.state),
            "compile": str(unit.compile_state) if unit.state == "done" else "",
            "need": int(place.need),
            "words": in_words(place.need, unit),
            "reason": unit.reason,
            "tries": attempts.get(unit.id, 0),
            "confidence": unit.confidence,
            "target": f"{files.get(unit.path, '')}:{unit.place[0]}",
        }


def _details(found: Overview, reader: UnitReader) -> Iterator[dict[str, Any]]:
    """Yield all that is known of each unit, file by file."""
    numbered = sorted(enumerate(found.order), key=lambda entry: (entry[1].path, entry[1].start))
    for number, place in numbered:
        yield reader.read(place) | {"number": number}


def _name(unit: PlannedUnit) -> str:
    # Overloads have a number in their ids, which tells them apart.
    return unit.id.removeprefix(f"{unit.path}#")


def _write(place: Path, pieces: Iterable[str]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        # Half a surrogate pair, as broken source text can hold, has no UTF-8.
        with draft.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(pieces)
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise

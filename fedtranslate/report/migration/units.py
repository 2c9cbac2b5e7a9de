"""One unit of a migration with everything that is known of it, as plain JSON."""

from math import isfinite
from typing import Any

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.newlines import with_newlines
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.written import Origin, Written, WrittenUnit
from fedtranslate.migration.states import Attempt, PlannedFile, PlannedUnit, UnitState
from fedtranslate.report.migration.attention import Place, in_words


class UnitReader:
    """Reads units out of a journal, one at a time; the file of the last one is remembered.

    Args:
        journal: Of the output.
        written: What was written into it.
    """

    def __init__(self, journal: Journal, written: Written) -> None:
        self._journal = journal
        self._written = written
        self._file: PlannedFile | None = None
        self._stubs: dict[int, str] = {}

    def read(self, place: Place) -> dict[str, Any]:
        """Return all that is known of a unit.

        Lines of ``problems`` are those of the text that they are about, from 1.
        """
        unit = self._journal.unit(place.unit)
        if unit is None:
            raise KeyError(place.unit)
        file = self._file_of(unit)
        written = self._written.unit(unit, self._stubs.get(unit.start, ""))
        attempts = [_attempt(one, unit) for one in self._journal.attempts(unit.id)]
        return {
            "id": unit.id,
            "path": unit.path,
            "line": unit.first_line,
            "kind": unit.kind,
            "name": unit.name,
            "container": unit.container,
            "state": str(unit.state),
            "compile_state": str(unit.compile_state),
            "need": place.need.name.lower(),
            "need_in_words": in_words(place.need, unit),
            "behaves": unit.behaves,
            "reason": unit.reason,
            "confidence": unit.confidence,
            "lost": list(unit.lost),
            "target": file.target if file else "",
            "file_state": str(file.state) if file else "",
            "target_lines": list(unit.place),
            "signature": unit.signature,
            "source": flush_left(with_newlines(unit.text, "\n")),
            "output": {"text": written.text, "origin": _origin(written, unit)},
            "attempts": attempts,
        }

    def _file_of(self, unit: PlannedUnit) -> PlannedFile | None:
        if self._file is None or self._file.path != unit.path:
            self._file = self._journal.file(unit.path)
            slots = self._written.slots(self._file) if self._file else {}
            self._stubs = {start: slot.stub for start, slot in slots.items()}
        return self._file


def _origin(written: WrittenUnit, unit: PlannedUnit) -> str:
    is_waiting = unit.state is UnitState.PENDING and written.origin is Origin.STUB
    return "nothing" if is_waiting and not written.text else str(written.origin)


def _attempt(one: Attempt, unit: PlannedUnit) -> dict[str, Any]:
    is_standing = (one.attempt, one.candidate) == (unit.attempt, unit.candidate)
    stands = is_standing and not one.rejected and unit.state is not UnitState.FAILED
    return {
        "attempt": one.attempt + 1,
        "candidate": one.candidate + 1,
        "verdict": "rejected" if one.rejected else "kept" if stands else "not needed",
        "why": _why(one),
        "finished": one.finished,
        "score": one.score if one.score is None or isfinite(one.score) else None,
        "text": one.text,
        "problems": [
            {
                "line": said.line,
                "column": said.column,
                "message": said.message,
                "code": said.code,
            }
            for said in one.problems
        ],
    }


def _why(one: Attempt) -> str:
    """Return in words why an attempt was rejected; empty where it was not."""
    if not one.rejected:
        return ""
    cut = "" if one.finished else "it was cut off at the length limit; "
    if not one.text.strip():
        return f"{cut}nothing was written"
    if not one.problems:
        return f"{cut}the checks refused it without a word"
    first = one.problems[0]
    more = len(one.problems) - 1
    others = f", and {more} more problem{'s' if more > 1 else ''}" if more else ""
    return f"{cut}line {first.line}: {first.message}{others}"

"""What the page of a migration tells, as values; a file's texts are held only while it is read."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.written import Origin, Written
from fedtranslate.migration.scan import CODE, RESOURCE
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedFile, UnitState
from fedtranslate.records import Problem
from fedtranslate.report.migration.attention import Place, place_of


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file, in short."""

    path: str
    target: str
    role: str
    state: str
    reason: str
    units: dict[str, int]
    """By state."""
    characters: dict[str, int]
    """By who wrote them; empty where nobody can tell."""
    losses: tuple[str, ...]
    problems: tuple[Problem, ...]
    """What the build says of lines that belong to no unit."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a build or a test says of a line of the target."""

    path: str
    line: int
    message: str
    stub: str = ""
    """The unit in whose place nothing but a stub, or the code as it was, stands there."""


@dataclass(frozen=True, slots=True)
class Built:
    """What one build came to."""

    state: str = ""
    """Empty where there was none."""
    mode: str = ""
    name: str = ""
    reason: str = ""
    elsewhere: tuple[Line, ...] = ()
    """Complaints about no unit, or tests that fail."""
    complaints: tuple[Line, ...] = ()
    """All that a build complained of; the first of many."""
    complaints_in_all: int = 0
    complaints_in_stubs: int = 0
    """Those of all that are in stubs."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A migration but for its units."""

    settings: dict[str, Any]
    engine: str
    seconds: float | None
    """That the runs took; None where they did not say."""
    baseline: Built
    """With stubs only: it decides how units can be checked."""
    build: Built
    """Of the whole target, in the end."""
    tests: Built
    """Of the target."""
    files: tuple[FileLine, ...]
    left_out: tuple[tuple[str, str], ...]
    order: tuple[Place, ...]
    """All units, those that need a human first."""
    states: dict[str, int] = field(default_factory=dict)
    """Units by state."""
    compiled: dict[str, int] = field(default_factory=dict)
    """Units that are done, by compile state."""

    @property
    def characters(self) -> dict[str, int]:
        """Characters of the target's code, by who wrote them."""
        counts: Counter[str] = Counter()
        for file in self.files:
            counts.update(file.characters)
        return dict(counts)


def overview(
    journal: Journal,
    settings: MigrationSettings,
    written: Written,
    on_file: Callable[[str], None] = lambda _: None,
    mended: Collection[str] = (),
) -> Overview:
    """Read a journal, file by file; ``mended`` has the units that people have written."""
    whole = journal.fact("whole") or {}
    build = _built(whole.get("build"))
    baseline = _built(journal.fact("baseline"))
    files = []
    for path in journal.paths():
        file = journal.file(path)
        if file is not None:
            files.append(file_line(journal, file, written))
            on_file(path)
    in_trouble = {one.path for one in build.elsewhere}
    troubled = {file.path for file in files if file.problems or file.target in in_trouble}
    counts = journal.counts()
    states: Counter[str] = Counter()
    compiled: Counter[str] = Counter()
    for (state, said), number in counts.items():
        states[str(state)] += number
        if state is UnitState.DONE:
            compiled[str(said)] += number
    return Overview(
        settings=settings.model_dump(mode="json"),
        engine=str(journal.fact("engine") or ""),
        seconds=journal.fact("seconds"),
        baseline=baseline,
        build=build,
        tests=_built(whole.get("tests")),
        files=tuple(files),
        left_out=tuple(journal.left_out()),
        order=tuple(sorted(place_of(unit, troubled, mended) for unit in journal.brief_units())),
        states=dict(states),
        compiled=dict(compiled),
    )


def file_line(journal: Journal, file: PlannedFile, written: Written) -> FileLine:
    """Return a file in short."""
    text = None if file.role == RESOURCE else written.file(file)
    characters = {} if text is None else text.characters()
    units: Counter[str] = Counter()
    if file.role == CODE:
        units.update(str(unit.state) for unit in journal.units("path = ?", (file.path,)))
    return FileLine(
        path=file.path,
        target=file.target,
        role=file.role,
        state=str(file.state),
        reason=file.reason,
        units=dict(units),
        characters={str(origin): characters[origin] for origin in Origin if origin in characters},
        losses=file.losses,
        problems=file.problems,
    )


def _built(fact: Any) -> Built:  # noqa: ANN401 - JSON
    if not fact:
        return Built()
    told = fact.get("elsewhere") or fact.get("failures") or ()
    return Built(
        state=str(fact["state"]),
        mode=str(fact.get("mode", "")),
        name=str(fact.get("build") or fact.get("runner") or ""),
        reason=str(fact.get("reason", "")),
        elsewhere=_lines(told),
        complaints=_lines(fact.get("complaints", told)),
        complaints_in_all=int(fact.get("complaints_in_all", len(told))),
        complaints_in_stubs=int(fact.get("complaints_in_stubs", 0)),
    )


def _lines(told: Any) -> tuple[Line, ...]:  # noqa: ANN401 - JSON
    return tuple(
        Line(one["path"], one["line"], one["message"], one.get("stub", "")) for one in told
    )

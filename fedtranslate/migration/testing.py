"""Run the tests of the migrated project, and find the units that a failure speaks against.

A failure is at a line.  Where that is inside a translation, it is the unit's own; where it is in a
test, what the test uses may be wrong, or the test itself: all of these are tried again, the units
in the code before those in the tests.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fedtranslate.checks.build import ProjectVerdict
from fedtranslate.checks.project import run_project_tests
from fedtranslate.errors import CheckError
from fedtranslate.languages.dependencies import uses_of
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.units import read_source, units_in
from fedtranslate.migration.building import unit_at
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedUnit, UnitState
from fedtranslate.records import CompileState, Problem


def run_tests(tree: Path, settings: MigrationSettings, pack: LanguagePack) -> ProjectVerdict:
    """Run the tests in the staged tree; not at all where that was not asked for."""
    if not settings.tests:
        return _unchecked(pack, "running tests was not asked for")
    try:
        return run_project_tests(tree, pack, class_path=settings.class_path)
    except CheckError as error:
        return _unchecked(pack, str(error))


def blamed(
    journal: Journal, verdict: ProjectVerdict, tree: Path, pack: LanguagePack
) -> Mapping[str, tuple[Problem, ...]]:
    """Return the units that failures speak against, and what is to be said to their authors.

    Args:
        journal: Of the migration.
        verdict: What running the tests said.
        tree: Where the target is staged.
        pack: Its language.
    """
    found: dict[str, list[Problem]] = {}
    for failure in verdict.problems:
        at = unit_at(journal, failure.path, failure.problem.line)
        if at is None:
            message = f"a test fails, {failure.path}: {failure.problem.message}"
            for unit in journal.called(_used_at(tree / failure.path, failure.problem.line, pack)):
                if unit.state is UnitState.DONE:
                    found.setdefault(unit.id, []).append(Problem(1, 1, message))
            continue
        message = f"a test fails, {at.container or at.path}.{at.name}: {failure.problem.message}"
        for unit in _suspects(journal, at):
            line = failure.problem.line - at.place[0] + 1 if unit.id == at.id else 1
            found.setdefault(unit.id, []).append(Problem(line, 1, message))
    return {unit: tuple(problems) for unit, problems in found.items()}


def _used_at(file: Path, line: int, pack: LanguagePack) -> tuple[str, ...]:
    """Return the names that a test of the target's own uses, by a line in it."""
    try:
        text = read_source(file.read_bytes()).text
    except OSError:
        return ()
    for unit in units_in(text, pack):
        if unit.first_line <= line <= unit.first_line + unit.text.count("\n"):
            return uses_of(unit.text, pack)
    return ()


def _suspects(journal: Journal, at: PlannedUnit) -> Iterator[PlannedUnit]:
    """Yield what a failing unit uses and a model wrote; the unit itself where it uses none."""
    used = [
        unit
        for unit in journal.called(at.uses)
        if unit.path != at.path and unit.state is UnitState.DONE
    ]
    if used:
        yield from used
    elif at.state is UnitState.DONE:
        yield at


def _unchecked(pack: LanguagePack, reason: str) -> ProjectVerdict:
    return ProjectVerdict(pack.name, "", CompileState.NOT_CHECKED, 0, reason=reason)

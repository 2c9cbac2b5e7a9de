"""Build the staged tree, and find out which unit each complaint is about.

First the frames are built with nothing but stubs in them.  Where that compiles, all names are
known, and whatever a later build complains of is the fault of a translation: the *whole* target is
built.  Where it does not, as when libraries of the target are missing, units are compiled each for
itself, and unknown names are held against none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from fedtranslate.checks.build import FileProblem
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.project import check_project, has_build
from fedtranslate.checks.verdicts import check
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.units import read_source
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedUnit, UnitState
from fedtranslate.records import CompileState, Problem

_TOLD = 50


class Mode(StrEnum):
    """How translations can be compiled here."""

    WHOLE = "whole"
    """The target as a whole, with its own build."""
    FILES = "files"
    """File by file, where a language has no build or needs none."""
    ALONE = "alone"
    """Unit by unit, with unknown names."""
    NOT = "not"
    """Not at all; the reason says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a compiler said of the units that it was asked about."""

    mode: Mode
    state: CompileState
    """Of all together."""
    build: str = ""
    """Its name."""
    reason: str = ""
    """Why nothing was checked."""
    units: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    """Complaints by unit, lines its own; those that count against it."""
    tolerated: frozenset[str] = frozenset()
    """Units with complaints that do not count: unknown names, where names cannot be known."""
    unchecked: Mapping[str, str] = field(default_factory=dict)
    """Units of which the compiler could not tell anything, and why."""
    elsewhere: tuple[FileProblem, ...] = ()
    """Complaints about lines that belong to no unit."""
    complaints: tuple[FileProblem, ...] = ()
    """All complaints about the whole target, those about units among them; lines are of files."""
    stubs: tuple[str, ...] = ()
    """For each complaint the unit in whose stub its line is; "" where that is in no stub."""
    left_out: frozenset[str] = frozenset()
    """Files of the target that the build does not compile."""

    def document(self) -> dict[str, object]:
        """Return it as the journal keeps it."""
        return {
            "mode": self.mode,
            "state": self.state,
            "build": self.build,
            "reason": self.reason,
            "elsewhere": _told(self.elsewhere),
            "complaints": _told(self.complaints, self.stubs),
            "complaints_in_all": len(self.complaints),
            "complaints_in_stubs": len(self.stubs) - self.stubs.count(""),
        }


def _told(problems: Sequence[FileProblem], stubs: Sequence[str] = ()) -> list[dict[str, object]]:
    told: list[dict[str, object]] = [
        {"path": one.path, "line": one.problem.line, "message": one.problem.message}
        for one in problems[:_TOLD]
    ]
    for one, stub in zip(told, stubs, strict=False):
        if stub:
            one["stub"] = stub
    return told


class Builder:
    """Compiles the staged tree of one migration.

    Args:
        journal: Of the output.
        settings: What is asked for.
        pack: The target's language.
        tree: Where the target is staged.
        cache: Where verdicts of lone units and files are remembered.
    """

    def __init__(
        self,
        journal: Journal,
        settings: MigrationSettings,
        pack: LanguagePack,
        tree: Path,
        cache: VerdictCache | None,
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._pack = pack
        self._tree = tree
        self._cache = cache
        self.mode = Mode.NOT

    def baseline(self, tree: Path, *, has_stubs: bool) -> Said:
        """Build a tree that has stubs only, and choose the mode by what is said.

        Args:
            tree: The tree.
            has_stubs: Whether the rules could make stubs at all.
        """
        if not self._settings.build:
            return Said(Mode.NOT, CompileState.NOT_CHECKED, reason="building was not asked for")
        whole = has_build(tree, self._pack)
        self.mode = Mode.WHOLE if whole else Mode.FILES
        said = self.whole(tree) if whole else self._probe()
        if said.state is CompileState.NOT_CHECKED:
            self.mode = Mode.NOT
        elif said.state is not CompileState.COMPILED or not has_stubs:
            self.mode = Mode.ALONE
        return replace(said, mode=self.mode)

    def whole(self, tree: Path | None = None) -> Said:
        """Build the whole target, or another tree, with its own build."""
        try:
            verdict = check_project(
                tree or self._tree,
                self._pack.name,
                class_path=self._settings.class_path,
                jobs=self._settings.jobs,
                cache=self._cache,
            )
        except CheckError as error:
            return Said(Mode.WHOLE, CompileState.NOT_CHECKED, reason=str(error))
        found = [unit_at(self._journal, one.path, one.problem.line) for one in verdict.problems]
        units, elsewhere = _traced(verdict.problems, found)
        reason = "; ".join((verdict.reason, *verdict.notes)).strip("; ")
        return Said(
            Mode.WHOLE,
            verdict.state,
            verdict.build,
            reason,
            units,
            elsewhere=tuple(elsewhere),
            complaints=tuple(verdict.problems),
            stubs=tuple(
                unit.id if unit and unit.state is UnitState.FAILED else "" for unit in found
            ),
            left_out=verdict.left_out,
        )

    def of(self, units: Sequence[PlannedUnit], texts: Sequence[str]) -> Said:
        """Compile units that have just been put into the tree, as the mode allows.

        Args:
            units: At least one.
            texts: Theirs, as they are without the comments above.
        """
        if self.mode is Mode.WHOLE:
            return self.whole()
        if self.mode is Mode.FILES:
            return self._files(units)
        if self.mode is Mode.ALONE:
            return self._alone(units, texts)
        return Said(Mode.NOT, CompileState.NOT_CHECKED)

    def _probe(self) -> Said:
        """Find out whether files of the language can be compiled here."""
        context = CompileContext(self._settings.class_path, self._settings.usings)
        (said,) = compile_units(
            [self._pack.compile.probe or "\n"], self._pack.name, context, cache=self._cache
        )
        return Said(Mode.FILES, said.compile_state, reason=said.reason)

    def _files(self, units: Sequence[PlannedUnit]) -> Said:
        paths = dict.fromkeys(unit.path for unit in units)
        made = {path: file.target for path in paths if (file := self._journal.file(path))}
        targets = list(made.values())
        texts = [read_source((self._tree / target).read_bytes()).text for target in targets]
        verdicts = compile_units(
            texts,
            self._pack.name,
            CompileContext(self._settings.class_path),
            jobs=self._settings.jobs,
            cache=self._cache,
        )
        found = [
            FileProblem(target, problem)
            for target, verdict in zip(targets, verdicts, strict=True)
            for problem in verdict.problems
        ]
        at = [unit_at(self._journal, one.path, one.problem.line) for one in found]
        faults, elsewhere = _traced(found, at)
        hidden = {one.path: f"line {one.problem.line}: {one.problem.message}" for one in elsewhere}
        for target, verdict in zip(targets, verdicts, strict=True):
            if verdict.compile_state is CompileState.NOT_CHECKED:
                hidden[target] = verdict.reason
        unchecked = {
            unit.id: hidden[made[unit.path]] for unit in units if made.get(unit.path) in hidden
        }
        states = {verdict.compile_state for verdict in verdicts}
        (state,) = states if len(states) == 1 else (CompileState.TYPE_ERROR,)
        return Said(
            Mode.FILES, state, units=faults, unchecked=unchecked, elsewhere=tuple(elsewhere)
        )

    def _alone(self, units: Sequence[PlannedUnit], texts: Sequence[str]) -> Said:
        said: dict[str, tuple[Problem, ...]] = {}
        tolerated = set()
        unchecked: dict[str, str] = {}
        by_container: dict[str, list[tuple[PlannedUnit, str]]] = {}
        for unit, text in zip(units, texts, strict=True):
            by_container.setdefault(unit.container, []).append((unit, text))
        for container, some in by_container.items():
            context = CompileContext(self._settings.class_path, self._settings.usings, container)
            verdicts = check(
                [text for _, text in some],
                self._pack.name,
                context=context,
                jobs=self._settings.jobs,
                cache=self._cache,
            )
            for (unit, _), verdict in zip(some, verdicts, strict=True):
                if verdict.compile_state is CompileState.UNRESOLVED_ONLY:
                    tolerated.add(unit.id)
                elif verdict.compile_state is CompileState.NOT_CHECKED:
                    unchecked[unit.id] = verdict.reason
                elif verdict.problems:
                    said[unit.id] = verdict.problems
        state = CompileState.UNRESOLVED_ONLY if tolerated else CompileState.COMPILED
        return Said(
            Mode.ALONE, state, units=said, tolerated=frozenset(tolerated), unchecked=unchecked
        )


def _traced(
    problems: Sequence[FileProblem], found: Sequence[PlannedUnit | None]
) -> tuple[dict[str, tuple[Problem, ...]], list[FileProblem]]:
    """Return complaints by unit, and those about no unit; ``found`` has the unit of each."""
    by_unit: dict[str, list[Problem]] = {}
    elsewhere = []
    for one, unit in zip(problems, found, strict=True):
        if unit is None:
            elsewhere.append(one)
        else:
            line = one.problem.line - unit.place[0] + 1
            by_unit.setdefault(unit.id, []).append(replace(one.problem, line=line))
    return {unit: tuple(said) for unit, said in by_unit.items()}, elsewhere


def unit_at(journal: Journal, target: str, line: int) -> PlannedUnit | None:
    """Return the unit whose translation stands at a line of a file of the target."""
    for file in journal.files("target = ?", (target,)):
        for unit in journal.units("path = ? and state != 'rule'", (file.path,)):
            if unit.place[0] <= line <= unit.place[1]:
                return unit
    return None

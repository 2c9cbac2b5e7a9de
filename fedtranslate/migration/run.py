"""Run a migration: wave by wave write, check, repair, and publish what passed.

Each step reads its work from the journal and leaves its result there, so a run that was killed
goes on where it was, and a second run of a finished migration finds nothing to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from fedtranslate.checks.build import ProjectVerdict
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.corpus.retrieval import PairStore
from fedtranslate.errors import MigrationError
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.asking import Asker
from fedtranslate.migration.assembly import Assembly
from fedtranslate.migration.building import Builder, Mode, Said
from fedtranslate.migration.checking import Checker, Faults
from fedtranslate.migration.engines.base import Engine
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.judging import Judge
from fedtranslate.migration.plan import Change, make_plan
from fedtranslate.migration.publishing import Published, publish
from fedtranslate.migration.selection import selection
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.settling import failed, next_attempt, standing, with_candidate
from fedtranslate.migration.states import Batch, FileState, PlannedUnit, UnitState
from fedtranslate.migration.testing import blamed, run_tests
from fedtranslate.records import CompileState, Problem

_MORE_BUILDS = 4
"""Builds of a wave beyond those that its repairs need; then what still fails is given up."""
_TOLD = 50
_UNDER_WAY = "under_way"
"""The fact that a run has not come to its end."""


class Progress(Protocol):
    """Is told how far a migration is."""

    def __call__(self, stage: str, done: int, total: int, journal: Journal) -> None:
        """Tell that ``done`` of ``total`` parts of a stage are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    change: Change
    published: Published
    failed: int
    """Units that are left as stubs."""
    build: CompileState
    """Of the whole target."""
    tests: CompileState
    """``tests_passed``, ``type_error`` where some failed, or ``not_checked``."""


class Migration:
    """One run over one output folder.

    Args:
        journal: Of the output, open to write.
        settings: What is asked for.
        engine: Who translates.
        worker: Parses what is not trusted.
        store: The site's pairs, if there are any.
        cache: Where verdicts of compilers are remembered.
        progress: Is told how far it is.
    """

    def __init__(
        self,
        journal: Journal,
        settings: MigrationSettings,
        engine: Engine,
        worker: ParseWorker,
        *,
        store: PairStore | None = None,
        cache: VerdictCache | None = None,
        progress: Progress = lambda *_: None,
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._engine = engine
        self._worker = worker
        self._packs = load_pack(settings.source), load_pack(settings.target)
        self._progress = progress
        wanted = selection(settings.select, settings.references)
        judge = Judge(self._packs, worker, wanted)
        self._asker = Asker(journal, settings, engine, judge, self._packs, store)
        self._assembly = Assembly(journal, settings, self._packs)
        self._builder = Builder(journal, settings, self._packs[1], self._assembly.tree, cache)
        self._checker = Checker(journal, settings, self._packs, self._assembly, self._builder)

    def run(self) -> Outcome:
        """Do all that is not done; return what came of it.

        Raises:
            EngineError: The engine does not answer at all any more; what is done is kept.
        """
        tree = self._assembly.tree
        # A run that is killed between the journal and the tree leaves them at odds.
        is_whole = tree.is_dir() and not self._journal.fact(_UNDER_WAY)
        self._journal.note({_UNDER_WAY: True})
        change = self.plan()
        published = Published()
        if change.any or not is_whole or self._journal.count_units(UnitState.PENDING):
            self._assembly.stage()
            self._baseline()
            for wave in range(self._journal.last_wave() + 1):
                if self._journal.pending(wave):
                    self._wave(wave)
                    paths = self._journal.paths_of_wave(wave)
                    published += publish(self._journal, tree, self._settings.out, paths)
        published += publish(self._journal, tree, self._settings.out)
        self._assembly.stage(self._journal.paths_in(FileState.KEPT))
        build, tests = self._whole()
        published += publish(self._journal, tree, self._settings.out)
        self._journal.note({_UNDER_WAY: False})
        failures = self._journal.count_units(UnitState.FAILED)
        return Outcome(change, published, failures, build, tests)

    def known_outcome(self) -> Outcome:
        """Return what the last run came to, without doing anything.

        Raises:
            MigrationError: There was none that came to its end.
        """
        known = self._journal.fact("whole")
        if known is None:
            raise MigrationError("This migration has not come to its end yet.", hint="Run it.")
        return Outcome(
            Change(),
            Published(),
            self._journal.count_units(UnitState.FAILED),
            CompileState(known["build"]["state"]),
            CompileState(known["tests"]["state"]),
        )

    def plan(self) -> Change:
        """Bring the plan up to date."""
        number = 0

        def on_file(_: str) -> None:
            nonlocal number
            number += 1
            self._progress("plan", number, 0, self._journal)

        change = make_plan(
            self._journal, self._settings, self._engine.fingerprint, self._worker, on_file
        )
        self._journal.note(
            {"settings": self._settings.model_dump(mode="json"), "engine": self._engine.name}
        )
        return change

    def _baseline(self) -> None:
        """Find out how translations can be compiled, by building what the rules alone made."""
        frames = self._journal.frames_hash()
        known = self._journal.fact("baseline")
        if known is not None and known.get("frames") == frames:
            self._builder.mode = Mode(known["mode"])
            return
        self._progress("build", 0, 0, self._journal)
        with self._assembly.stubs_only() as tree:
            said = self._builder.baseline(tree, has_stubs=self._journal.has_stubs())
        self._journal.note({"baseline": said.document() | {"frames": frames}})

    def _wave(self, wave: int) -> None:
        """Write and check the units of a wave, and those before it that have lost their own."""
        builds = (self._settings.repairs + 1) * self._settings.candidates + _MORE_BUILDS
        while pending := self._journal.pending(wave):
            self._write(pending)
            # Those that have just failed have a stub with their source now, and no other place.
            self._assembly.stage(dict.fromkeys(unit.path for unit in pending))
            if not self._journal.pending(wave):
                return
            builds -= 1
            bad = self._checked(self._journal.pending(wave))
            if not bad:
                return
            with self._journal.together():
                for unit, problems in bad.items():
                    self._reject(unit, problems, for_good=builds <= 0)
            self._assembly.stage(dict.fromkeys(unit.rpartition("#")[0] for unit in bad))

    def _write(self, pending: Sequence[PlannedUnit]) -> None:
        """Ask until a candidate stands for each unit, or there is no attempt left."""
        for batch in self._journal.open_batches():
            self._ask(batch)
        while True:
            by_attempt: dict[int, list[PlannedUnit]] = {}
            with self._journal.together():
                for unit in pending:
                    attempt = self._settle(unit)
                    if attempt is not None:
                        by_attempt.setdefault(attempt, []).append(unit)
            if not by_attempt:
                return
            for attempt, units in sorted(by_attempt.items()):
                for batch in list(self._asker.batches(attempt, units)):
                    self._ask(batch)

    def _settle(self, unit: PlannedUnit) -> int | None:
        """Choose what stands for a unit; return the attempt to make where nothing does."""
        attempts = self._journal.attempts(unit.id)
        chosen = standing(unit, attempts)
        if chosen is not None:
            self._journal.put_units([with_candidate(unit, chosen)])
            return None
        attempt = next_attempt(unit, attempts)
        if attempt <= unit.since + self._settings.repairs:
            return attempt
        self._journal.put_units([failed(unit, attempts)])
        return None

    def _ask(self, batch: Batch) -> None:
        def on_done(_: int) -> None:
            self._tell()

        self._asker.ask(batch, on_done)
        self._tell()

    def _tell(self) -> None:
        done, _, total = self._journal.how_far()
        self._progress("translate", done, total, self._journal)

    def _checked(self, units: Sequence[PlannedUnit]) -> Faults:
        self._progress("build", 0, 0, self._journal)
        found = self._checker.faults(units)
        self._tell()
        return found

    def _reject(self, unit_id: str, problems: tuple[Problem, ...], *, for_good: bool) -> None:
        """Note what speaks against the candidate that stands for a unit."""
        unit = self._journal.unit(unit_id)
        if unit is None:
            return
        attempts = self._journal.attempts(unit_id)
        chosen = [
            replace(one, rejected=True, problems=problems)
            for one in attempts
            if (one.attempt, one.candidate) == (unit.attempt, unit.candidate)
        ]
        self._journal.put_attempts(chosen)
        if for_good:
            others = [one for one in attempts if one.attempt != unit.attempt]
            self._journal.put_units([failed(unit, [*others, *chosen])])
        else:
            self._journal.put_units([replace(unit, state=UnitState.PENDING)])

    def _whole(self) -> tuple[CompileState, CompileState]:
        """Build the whole target and run its tests; what fails by them is tried again."""
        tree = self._assembly.fingerprint()
        known = self._journal.fact("whole")
        if known is not None and known.get("tree") == tree:
            return CompileState(known["build"]["state"]), CompileState(known["tests"]["state"])
        # Each turn takes a candidate from at least one unit, so this comes to an end.
        while True:
            built = self._built()
            if broken := self._checker.broken(built):
                self._again(broken)
                continue
            tested = self._tested()
            if not (doubtful := self._doubtful(tested)):
                break
            self._again(doubtful)
        self._journal.note(
            {
                "whole": {
                    "tree": self._assembly.fingerprint(),
                    "build": built.document(),
                    "tests": {
                        "state": tested.state,
                        "runner": tested.build,
                        "reason": tested.reason,
                        "failures": [
                            {
                                "path": one.path,
                                "line": one.problem.line,
                                "message": one.problem.message,
                            }
                            for one in tested.problems[:_TOLD]
                        ],
                    },
                }
            }
        )
        return built.state, tested.state

    def _built(self) -> Said:
        if not self._settings.build:
            return Said(Mode.NOT, CompileState.NOT_CHECKED, reason="building was not asked for")
        self._progress("build", 0, 0, self._journal)
        return self._builder.whole()

    def _tested(self) -> ProjectVerdict:
        self._progress("test", 0, 0, self._journal)
        return run_tests(self._assembly.tree, self._settings, self._packs[1])

    def _doubtful(self, tested: ProjectVerdict) -> Faults:
        """Return what tests speak against; who has no other attempt keeps what it has."""
        found = blamed(self._journal, tested, self._assembly.tree, self._packs[1])
        return {
            unit_id: problems
            for unit_id, problems in found.items()
            if self._checker.has_candidate(unit_id)
            and (unit := self._journal.unit(unit_id)) is not None
            and unit.attempt < unit.since + self._settings.repairs
        }

    def _again(self, bad: Faults) -> None:
        """Reject what stands for units, and write and check them anew."""
        with self._journal.together():
            for unit_id, problems in bad.items():
                self._reject(unit_id, problems, for_good=False)
        for wave in range(self._journal.last_wave() + 1):
            if self._journal.pending(wave):
                self._wave(wave)

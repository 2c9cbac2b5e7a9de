"""A run of ``fedtranslate migrate`` with all that it needs."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedtranslate.cli.check import open_cache
from fedtranslate.cli.migrationoptions import Delivery, Endpoint
from fedtranslate.cli.progress import Stages
from fedtranslate.errors import MigrationError

if TYPE_CHECKING:
    from fedtranslate.corpus.retrieval import PairStore
    from fedtranslate.migration.engines.base import Engine
    from fedtranslate.migration.estimate import Estimate
    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.run import Outcome
    from fedtranslate.migration.settings import MigrationSettings
    from fedtranslate.migration.states import PlannedUnit

KEY = "FEDTRANSLATE_ENDPOINT_KEY"
"""Variable of the environment that holds the endpoint's key; no file and no option does."""
_ENOUGH_TOKENS = 1_000
"""Fewer say nothing about the time that a migration takes."""


@dataclass(frozen=True, slots=True)
class Complaints:
    """What the last build of the whole target complained of."""

    first: Sequence[str]
    """Some, each with file and line."""
    number: int
    """Of all."""
    in_stubs: int = 0
    """Those of all that are about stubs, or in a migration within one language about code that
    was left as it was."""

    @classmethod
    def of(cls, journal: "Journal") -> "Complaints":
        """Read them from the journal."""
        build = (journal.fact("whole") or {}).get("build", {})
        told = build.get("complaints", build.get("elsewhere", []))
        lines = [f"{one['path']}:{one['line']}: {one['message']}" for one in told]
        return cls(
            lines, build.get("complaints_in_all", len(lines)), build.get("complaints_in_stubs", 0)
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to, for people."""

    settings: "MigrationSettings"
    outcome: "Outcome"
    units: dict[str, int]
    """By state."""
    compiled: dict[str, int]
    """Units that are done, by compile state."""
    worst: "Sequence[PlannedUnit]"
    """Some of those that failed and that nobody has mended."""
    mended: frozenset[str]
    """Units that failed, and that people have written in the output since."""
    files_failed: Sequence[tuple[str, str]]
    """Paths of files that could not be made, and why."""
    seconds: float
    report: Path
    complaints: "Complaints"
    losses: tuple[int, int]
    """How many things the rules could not carry over, and in how many files."""
    notes: Sequence[str] = ()
    """What delivering it has said."""

    @property
    def exit_code(self) -> int:
        """1 where something failed."""
        from fedtranslate.records import CompileState

        broken = (CompileState.SYNTAX_ERROR, CompileState.TYPE_ERROR)
        is_left = self.outcome.failed > len(self.mended)
        is_bad = is_left or {self.outcome.build, self.outcome.tests} & set(broken)
        return 1 if is_bad or self.outcome.published.failed else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done."""

    settings: "MigrationSettings"
    estimate: "Estimate"
    files: Sequence[tuple[str, str, str, int]]
    """Path, target, role, and the number of units."""
    waves: Sequence[int]
    """Units in each."""
    left_out: Sequence[tuple[str, str]]
    failed: Sequence[tuple[str, str]]


def dry_run(settings: "MigrationSettings", endpoint: Endpoint, shown: Stages) -> Plan:
    """Plan in a scratch journal, or in a copy of the one that there is; write no output."""
    import tempfile

    from fedtranslate.migration.journal import FILE, FOLDER, Journal

    with tempfile.TemporaryDirectory(prefix="fedtranslate-plan-") as scratch:
        if (settings.out / FOLDER / FILE).is_file():
            with Journal(settings.out, writable=False) as known:
                known.copy_to(Path(scratch))
        with _opened(settings, endpoint, shown, Path(scratch)) as (migration, journal, engine):
            migration.plan()
            return _plan(settings, journal, engine)


def _plan(settings: "MigrationSettings", journal: "Journal", engine: "Engine") -> Plan:
    from fedtranslate.migration.estimate import estimate

    counts = journal.units_by_path()
    return Plan(
        settings,
        estimate(journal, engine.count_tokens, journal.fact("tokens_per_second")),
        [(path, target, role, counts.get(path, 0)) for path, target, _, role in journal.listed()],
        journal.units_by_wave(),
        journal.left_out(),
        _files_failed(journal),
    )


def _files_failed(journal: "Journal") -> list[tuple[str, str]]:
    from fedtranslate.migration.states import FileState

    return [(file.path, file.reason) for file in journal.files("state = ?", (FileState.FAILED,))]


def start(
    settings: "MigrationSettings",
    endpoint: Endpoint,
    shown: Stages,
    delivery: Delivery | None = None,
) -> Result:
    """Run a migration to its end, write its report, and deliver it."""
    from fedtranslate.migration.delivery.worktree import delivery_under_way
    from fedtranslate.migration.review.mending import mended
    from fedtranslate.migration.states import UnitState
    from fedtranslate.records import CompileState

    delivery = delivery or Delivery()
    began = time.monotonic()
    with _opened(settings, endpoint, shown, settings.out) as (migration, journal, engine):
        if delivery.branch is not None and delivery_under_way(settings.repository):
            # Planning again would take what is half delivered for sources.
            outcome = migration.known_outcome()
        else:
            outcome = migration.run()
        _note_pace(journal, engine, time.monotonic() - began)
        notes = _delivered(journal, settings, delivery, shown)
        counts = journal.counts()
        by_people = mended(journal, settings, settings.out)
        return Result(
            settings=settings,
            outcome=outcome,
            units={
                str(state): sum(n for (one, _), n in counts.items() if one is state)
                for state in UnitState
            },
            compiled={
                str(said): n
                for said in CompileState
                if (n := counts.get((UnitState.DONE, said), 0))
            },
            worst=journal.some_failed(10, but=by_people),
            mended=by_people,
            complaints=Complaints.of(journal),
            losses=journal.count_losses(),
            files_failed=_files_failed(journal),
            seconds=time.monotonic() - began,
            report=_reported(journal, settings, shown),
            notes=notes,
        )


def _note_pace(journal: "Journal", engine: "Engine", seconds: float) -> None:
    """Remember how long the run took, and how much it wrote, so that a plan can tell the time."""
    from fedtranslate.migration.estimate import written_tokens

    facts: dict[str, object] = {"seconds": round(seconds, 1)}
    before = journal.fact("tokens_written") or 0
    tokens = written_tokens(journal, engine.count_tokens)
    if tokens - before > _ENOUGH_TOKENS:
        facts["tokens_per_second"] = (tokens - before) / seconds
    journal.note(facts | {"tokens_written": tokens})


def _delivered(
    journal: "Journal", settings: "MigrationSettings", delivery: Delivery, shown: Stages
) -> list[str]:
    from fedtranslate.migration.delivery.inplace import deliver_in_place, write_patch_of

    notes: list[str] = []
    if delivery.patch is not None:
        patched = write_patch_of(journal, settings, delivery.patch)
        notes.append(f"Patch of {patched.files} files: {delivery.patch}")
        notes += [f"Not in the patch: {path}: {reason}" for path, reason in patched.left_out]
    if delivery.branch is not None:
        shown("commit", 0, 0)
        done = deliver_in_place(
            journal,
            settings,
            branch=delivery.branch,
            shard_by=delivery.shard_by,
            shard_size=delivery.shard_size,
            build=settings.build,
            say=notes.append,
        )
        if done.shards:
            many = "" if len(done.commits) == 1 else "s"
            notes.append(f"{len(done.commits)} commit{many} on the branch {done.branch}.")
        notes += [f"Left out: {path}: {reason}" for path, reason in done.left_out]
        if done.unbuilt:
            notes.append(f"The last commit does not build: {done.unbuilt}")
    return notes


def _reported(journal: "Journal", settings: "MigrationSettings", shown: Stages) -> Path:
    from fedtranslate.migration.journal import FOLDER
    from fedtranslate.report.migration.writing import DOCUMENT, PAGE, write_report

    shown("report", 0, 0)
    folder = settings.out / FOLDER
    write_report(journal, settings.out, folder / PAGE, folder / DOCUMENT)
    return folder / PAGE


def start_again(out: Path, units: Sequence[str], shown: Stages) -> Result:
    """Make the failed units of a migration pending again, and go on with its settings.

    Raises:
        MigrationError: There is no such migration or unit.
    """
    from dataclasses import replace

    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.review.mending import mended
    from fedtranslate.migration.states import UnitState

    with Journal(out, writable=False) as journal:
        settings = journal.settings()
    with Journal(out) as journal:
        chosen = [find_unit(journal, name) for name in units]
        if not units:
            by_people = mended(journal, settings, out)
            failed = journal.units("state = ?", (UnitState.FAILED,))
            chosen = [unit for unit in failed if unit.id not in by_people]
        for unit in chosen:
            attempts = journal.attempts(unit.id)
            since = max((one.attempt + 1 for one in attempts), default=0)
            with journal.together():
                journal.put_units([replace(unit.fresh(), since=since, attempt=since)])
    return start(settings, Endpoint(), shown)


def find_unit(journal: "Journal", name: str) -> "PlannedUnit":
    """Return the unit with the id ``name``, or the only one whose id ends so.

    Raises:
        MigrationError: There is none, or there are several.
    """
    exact = journal.unit(name)
    if exact is not None:
        return exact
    found = journal.units_ending(name)
    if len(found) != 1:
        some = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        raise MigrationError(
            f"{len(found) or 'No'} units are called {name!r}{': ' + some if found else ''}.",
            hint="Give a whole id; 'fedtranslate migrate status OUT --json' lists them.",
        )
    unit = journal.unit(found[0])
    assert unit is not None  # noqa: S101 - it was just found
    return unit


@contextmanager
def _opened(
    settings: "MigrationSettings", endpoint: Endpoint, shown: Stages, place: Path
) -> Iterator[Any]:
    """Open all that a migration needs, in the folder ``place``."""
    from fedtranslate.languages.worker import ParseWorker
    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.run import Migration

    with ExitStack() as stack:
        place.mkdir(parents=True, exist_ok=True)
        journal = stack.enter_context(Journal(place))
        engine = _engine(settings, endpoint)
        stack.callback(engine.close)
        worker = stack.enter_context(ParseWorker())
        cache = stack.enter_context(open_cache(is_wanted=settings.build))
        migration = Migration(
            journal,
            settings,
            engine,
            worker,
            store=_store(settings),
            cache=cache,
            progress=_Shown(shown),
        )
        yield migration, journal, engine


class _Shown:
    """Shows how far a migration is, with the share that parses and compiles so far."""

    def __init__(self, shown: Stages) -> None:
        self._shown = shown

    def __call__(self, stage: str, done: int, total: int, journal: "Journal") -> None:
        if stage != "translate":
            self._shown(stage, done, total)
            return
        written, parse, _ = journal.how_far()
        share = f", {100 * parse / written:.0f}% parse" if written else ""
        checked, compiled = journal.checked()
        if checked:
            share += f", {100 * compiled / checked:.0f}% compile"
        self._shown(stage, done, total, note=share)


def _store(settings: "MigrationSettings") -> "PairStore | None":
    from fedtranslate.corpus.formats import read_pairs
    from fedtranslate.corpus.retrieval import PairStore

    pairs = [
        pair
        for location in settings.pairs
        for pair in read_pairs(location, settings.source, settings.target)
    ]
    return PairStore(pairs) if pairs else None


def _engine(settings: "MigrationSettings", endpoint: Endpoint) -> "Engine":
    from fedtranslate.config.training import DecodingSettings

    decoding = DecodingSettings(seed=settings.seed)
    if settings.endpoint:
        from fedtranslate.migration.engines.endpoint import EndpointEngine

        asked = EndpointEngine(
            settings.endpoint,
            settings.endpoint_model,
            api_key=os.environ.get(KEY, ""),
            candidates=settings.candidates,
            workers=endpoint.workers,
            requests_per_minute=endpoint.requests_per_minute,
        )
        asked.check()
        return asked
    from fedtranslate.cli.options import open_model
    from fedtranslate.migration.engines.local import LocalEngine

    base, adapter, checksum = open_model(
        settings.model, settings.adapter, (settings.source, settings.target)
    )
    return LocalEngine(
        base,
        adapter,
        candidates=settings.candidates,
        decoding=decoding,
        adapter_checksum=checksum,
    )

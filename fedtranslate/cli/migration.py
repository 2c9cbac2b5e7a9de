"""What ``fedtranslate migrate`` does: settings out of options, and a run with all that it needs."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedtranslate.cli.check import open_cache
from fedtranslate.cli.progress import Stages
from fedtranslate.errors import ConfigError, MigrationError

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
_MOST_JOBS = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How an endpoint is asked; not part of what a translation depends on."""

    workers: int = 8
    requests_per_minute: int | None = None


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
    """Some of those that failed."""
    seconds: float
    report: Path | None

    @property
    def exit_code(self) -> int:
        """1 where something failed."""
        from fedtranslate.records import CompileState

        broken = (CompileState.SYNTAX_ERROR, CompileState.TYPE_ERROR)
        is_bad = self.outcome.failed or {self.outcome.build, self.outcome.tests} & set(broken)
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


def settings_from(repository: Path, given: dict[str, Any]) -> "tuple[MigrationSettings, Endpoint]":
    """Return the settings that options ask for.

    Raises:
        ConfigError: They do not go together, or a file that they name is wrong.
    """
    from fedtranslate.config.reading import validate
    from fedtranslate.languages.registry import load_pack
    from fedtranslate.migration.publishing import refused_output
    from fedtranslate.migration.settings import MigrationSettings

    if given["out"] is None:
        raise ConfigError("--out is missing.", hint="Name the folder that the result goes to.")
    if refused := refused_output(repository, given["out"]):
        raise ConfigError(f"--out: {given['out']} cannot be written: {refused[0]}.", refused[1])
    values = {
        "repository": repository.resolve(),
        "out": given["out"].resolve(),
        "source": load_pack(given["source"]).name,
        "target": load_pack(given["target"]).name,
        "model": given["base_name"],
        "adapter": given["adapter"] and given["adapter"].resolve(),
        "class_path": tuple(path.resolve() for path in given["class_path"]),
        "jobs": given["jobs"] or min(_MOST_JOBS, os.cpu_count() or 1),
    }
    same = (
        *("include", "exclude", "select", "references", "instruction", "pairs", "usings"),
        *(
            "candidates",
            "repairs",
            "build",
            "tests",
            "behave",
            "seed",
            "endpoint",
            "endpoint_model",
        ),
    )
    values |= {name: given[name] for name in same}
    values |= _names(given["names"])
    values = _with_site(values, given["site"])
    settings = validate(MigrationSettings, values, "migrate")
    _check_places(settings)
    return settings, Endpoint(given["workers"], given["requests_per_minute"])


def _names(file: Path | None) -> dict[str, Any]:
    from fedtranslate.config.reading import read_toml

    if file is None:
        return {}
    table = read_toml(file)
    if unknown := sorted(set(table) - {"packages", "types"}):
        raise ConfigError(f"{file}: {unknown[0]} is unknown; it may have [packages] and [types].")
    return table


def _with_site(values: dict[str, Any], place: Path | None) -> dict[str, Any]:
    """Return the values with what the settings of a site say of its target code and pairs."""
    if place is None:
        return values
    from fedtranslate.config.federation import read_site

    site = read_site(place / "site.toml" if place.is_dir() else place)
    pairs = values["pairs"]
    if not pairs and site.pairs is not None:
        pairs = (site.pairs,)
    return values | {
        "pairs": pairs,
        "class_path": (*values["class_path"], *site.class_path),
        "usings": (*values["usings"], *site.usings),
    }


def _check_places(settings: "MigrationSettings") -> None:
    for path in settings.class_path:
        if not path.exists():
            raise ConfigError(f"class path: there is no {path}.")


def dry_run(settings: "MigrationSettings", endpoint: Endpoint, shown: Stages) -> Plan:
    """Plan in a scratch journal, or in a copy of the one that there is; write no output."""
    import shutil
    import tempfile

    from fedtranslate.migration.journal import FILE, FOLDER

    with tempfile.TemporaryDirectory(prefix="fedtranslate-plan-") as scratch:
        known = settings.out / FOLDER / FILE
        if known.is_file():
            place = Path(scratch) / FOLDER
            place.mkdir()
            shutil.copyfile(known, place / FILE)
        with _opened(settings, endpoint, shown, Path(scratch)) as (migration, journal, engine):
            migration.plan()
            return _plan(settings, journal, engine)


def _plan(settings: "MigrationSettings", journal: "Journal", engine: "Engine") -> Plan:
    from fedtranslate.migration.estimate import estimate
    from fedtranslate.migration.states import FileState

    counts = journal.units_by_path()
    return Plan(
        settings,
        estimate(journal, engine.count_tokens, journal.fact("tokens_per_second")),
        [(file.path, file.target, file.role, counts.get(file.path, 0)) for file in journal.files()],
        journal.units_by_wave(),
        journal.left_out(),
        [(file.path, file.reason) for file in journal.files("state = ?", (FileState.FAILED,))],
    )


def start(settings: "MigrationSettings", endpoint: Endpoint, shown: Stages) -> Result:
    """Run a migration to its end."""
    from fedtranslate.migration.states import UnitState
    from fedtranslate.records import CompileState

    began = time.monotonic()
    with _opened(settings, endpoint, shown, settings.out) as (migration, journal, _):
        outcome = migration.run()
        counts = journal.counts()
        report = None
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
            worst=journal.some_failed(10),
            seconds=time.monotonic() - began,
            report=report,
        )


def start_again(out: Path, units: Sequence[str], shown: Stages) -> Result:
    """Make the failed units of a migration pending again, and go on with its settings.

    Raises:
        MigrationError: There is no such migration or unit.
    """
    from dataclasses import replace

    from fedtranslate.migration.journal import Journal
    from fedtranslate.migration.settings import MigrationSettings
    from fedtranslate.migration.states import UnitState

    with Journal(out, writable=False) as journal:
        known = journal.fact("settings")
    if known is None:
        raise MigrationError(f"The migration in {out} has not begun.", hint="Run it first.")
    with Journal(out) as journal:
        chosen = [find_unit(journal, name) for name in units]
        if not units:
            chosen = list(journal.units("state = ?", (UnitState.FAILED,)))
        for unit in chosen:
            attempts = journal.attempts(unit.id)
            since = max((one.attempt + 1 for one in attempts), default=0)
            with journal.together():
                journal.put_units([replace(unit.fresh(), since=since, attempt=since)])
    settings = MigrationSettings.model_validate(known)
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

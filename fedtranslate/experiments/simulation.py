"""A whole federation on one machine, from private pairs to installed adapters.

The demo and ``federate simulate`` are this function with different settings; the rounds run
through the very ServerApp and ClientApp of a deployment.  Everything is kept in the run's folder
and done once: a killed simulation goes on where it was, a finished one is read back.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.methods.registry import METHODS, find_method
from fedtranslate.adapters.store import Manifest, load_adapter
from fedtranslate.checks.compile import CompileContext
from fedtranslate.checks.verdicts import check
from fedtranslate.config.federation import FederationFile
from fedtranslate.config.training import DecodingSettings
from fedtranslate.errors import ConfigError
from fedtranslate.evaluation.gate import Decision
from fedtranslate.evaluation.translator import Translator
from fedtranslate.experiments.comparison import Comparer, Comparison, OnProgress
from fedtranslate.federation.coordinator.journal import Event, settings_key
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.installing import installed_adapter, offer
from fedtranslate.federation.site.lessons import Lessons
from fedtranslate.federation.site.personal import own_joint
from fedtranslate.records import Translation, Unit

Runtime = Callable[..., RunResult]
"""``run_local``, or ``run_deployed`` for real processes on loopback."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """A unit that was not yet migrated, and its translation with the verdict on it."""

    site: str
    unit: Unit
    translation: Translation


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came out of a federation on one machine."""

    folder: Path
    run: RunResult
    decisions: dict[str, dict[str, Decision]]
    """By site, then by candidate (``joint``, and ``personalised`` where there is one)."""
    comparison: Comparison | None
    migrated: tuple[Migrated, ...]


def check_ranks(federation: FederationFile) -> None:
    """Refuse sites whose own rank does not fit the run.

    Raises:
        ConfigError: There are such; all are listed.
    """
    most, method = federation.run.lora.rank, find_method(federation.run.method)
    problems = {one.name: method.rank_problem(one.rank or most, most) for one in federation.sites}
    wrong = [f"{name}: {problem}." for name, problem in problems.items() if problem]
    if wrong:
        mixed = ", ".join(name for name, one in METHODS.items() if one.mixed_ranks)
        raise ConfigError(
            " ".join(wrong),
            hint=f"Methods for mixed ranks are {mixed}; rank below [federation.lora] is the run's.",
        )


def run_folder(federation: FederationFile, sites: Sequence[Lessons], root: Path) -> Path:
    """Return the folder of a run below ``root``: the same for the same settings and data."""
    key = hashlib.sha256(settings_key(federation.run).encode())
    for site in sites:
        key.update(f"{site.corpus.name} {site.equipment().data}".encode())
    key.update(sites[0].base.fingerprint.encode())
    return root / f"{federation.run.name}-{key.hexdigest()[:8]}"


def simulate(
    federation: FederationFile,
    sites: Sequence[Lessons],
    folder: Path,
    *,
    on_progress: OnProgress,
    on_event: Callable[[Event], None] | None = None,
    compares: bool = False,
    migrates: int = 0,
    runtime: Runtime = run_local,
) -> Simulation:
    """Run the rounds, pass the joint adapter through every site's gate, and compare.

    Args:
        federation: The run and its sites.
        sites: From ``experiments.comparison.open_sites``.
        folder: From ``run_folder``.
        on_progress: Is told what is being done.
        on_event: Is told what happens in the rounds.
        compares: Train and measure the other rows as well; the personalised adapters then go
            through the gate too.
        migrates: Translate so many units per site that have no counterpart yet, with what the
            site has installed.
        runtime: What runs the rounds.
    """
    result = runtime(federation, folder, on_event=on_event)
    comparer = Comparer(federation, sites, folder, on_progress=on_progress)
    comparison = comparer.compare(result) if compares else None
    base = sites[0].base
    joint = result.joint(base_fingerprint=base.fingerprint, base_name=base.name)
    decisions = {}
    for number, site in enumerate(sites):
        on_progress("gate", number, len(sites))
        place = site_folder(folder, site.corpus.name)
        own = own_joint(joint[0], place, federation.run.name, result.best_round)
        candidates = {"joint": (own, joint[1])}
        if comparison is not None:
            candidates["personalised"] = load_adapter(
                comparer.personalised_folder(site.corpus.name),
                base_fingerprint=base.fingerprint,
                base_name=base.name,
            )
        decisions[site.corpus.name] = _offered(site, candidates, folder)
    on_progress("gate", len(sites), len(sites))
    migrated: list[Migrated] = []
    for number, site in enumerate(sites if migrates else ()):
        on_progress("translate what is not migrated yet", number, len(sites))
        migrated += _migrate(site, folder, migrates)
    if migrates:
        on_progress("translate what is not migrated yet", len(sites), len(sites))
    return Simulation(folder, result, decisions, comparison, tuple(migrated))


def _offered(
    site: Lessons, candidates: Mapping[str, tuple[Adapter, Manifest]], folder: Path
) -> dict[str, Decision]:
    """Pass each candidate through the site's gate, in order."""
    pairs = site.corpus.split.validation
    place = site_folder(folder, site.corpus.name)
    return {
        name: offer(site.base, adapter, manifest, pairs, place, name=name)
        for name, (adapter, manifest) in (candidates.items() if pairs else ())
    }


def _migrate(site: Lessons, folder: Path, limit: int) -> list[Migrated]:
    """Translate the first units that the site has not migrated, and check the results."""
    corpus, settings = site.corpus, site.settings
    units = [unit for unit in corpus.pending if unit.kind != "type"][:limit]
    adapter = installed_adapter(site_folder(folder, corpus.name), site.base)
    written = Translator(site.base, adapter, DecodingSettings()).translate(
        [unit.text for unit in units],
        (settings.source, settings.target),
        ids=[f"{unit.path}:{unit.first_line} {unit.name}" for unit in units],
    )
    migrated = []
    for unit, translation in zip(units, written, strict=True):
        context = CompileContext(
            class_path=corpus.class_path, usings=corpus.usings, container=unit.container
        )
        verdict = check([translation.text], settings.target, context=context)[0]
        migrated.append(Migrated(corpus.name, unit, replace(translation, verdict=verdict)))
    return migrated

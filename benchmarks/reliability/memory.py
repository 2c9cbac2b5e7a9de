"""Weigh the programs of a federation in runs with heavy adapters, and in long ones.

    python -m benchmarks.reliability.memory adapter [--megabytes 200] [--rounds 3]
    python -m benchmarks.reliability.memory soak [--megabytes 20] [--rounds 100]

Three sites, TLS, registered keys, supervisors.  ``adapter`` keeps the peak of every program of the
coordinator, before, during and after the rounds.  ``soak`` keeps what each program weighs in each
round: a program that keeps something of every round grows.
"""

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

import click

from benchmarks.record import record
from benchmarks.reliability import bulk
from benchmarks.reliability.deployment import Deployment
from benchmarks.reliability.measuring import PRODUCT_PACE, completed, deployed, round_ends
from benchmarks.reliability.weighing import Sample, Scales, peak_sum, peaks, sample
from fedtranslate.adapters.store import ADAPTER_FILE
from fedtranslate.federation.coordinator.journal import round_folder

SITES = ("ada", "bob", "eve")
LIMIT_ADAPTERS = 3
LIMIT_GROWTH = 1.05
_COORDINATOR = "coordinator/"
_ENVIRONMENT = {**PRODUCT_PACE, "FEDTRANSLATE_TRAINER": bulk.NAME}
_ROUND_SECONDS = 1_200
_PATIENCE_SECONDS = 7_200.0


@click.group()
def main() -> None:
    """Weigh the programs of a federation."""


@main.command()
@click.option("--megabytes", type=click.FloatRange(1), default=200, show_default=True)
@click.option("--rounds", type=click.IntRange(2), default=3, show_default=True)
def adapter(megabytes: float, rounds: int) -> None:
    """Weigh the coordinator's programs in rounds with a heavy adapter."""
    load = os.getloadavg()[0]
    with deployed(SITES, lambda number: _pairs(number, megabytes), _ENVIRONMENT) as federation:
        idle = sample(federation.programs())
        samples, ends = _run(federation, "heavy", rounds)
        size = round_folder(federation.hub.run("heavy"), rounds) / ADAPTER_FILE
        mib = size.stat().st_size / 2**20
        disk = federation.hub.link_database.stat().st_size / 2**20
    during = [one for one in samples if one.time < ends[-1]]
    after = [one for one in samples if one.time >= ends[-1]]
    values = {
        "adapter_mib": mib,
        "rounds": rounds,
        "sites": len(SITES),
        "idle": _coordinators(idle.rss),
        "idle_sum": peak_sum([idle], _COORDINATOR),
        "peaks": _coordinators(peaks(during)),
        "peak_sum": peak_sum(during, _COORDINATOR),
        "release_peaks": _coordinators(peaks(after)),
        "release_peak_sum": peak_sum(after, _COORDINATOR),
        "site_peaks": {part: mib for part, mib in peaks(samples).items() if "/data" in part},
        "round_seconds": [later - earlier for earlier, later in pairwise(ends)],
        "database_mib": disk,
        "limit": LIMIT_ADAPTERS,
        "load": load,
    }
    record("adapter_memory", values, "reliability")
    print(f"adapter {mib:.0f} MiB; {values['peaks']}; together {values['peak_sum']:.0f} MiB")


@main.command()
@click.option("--megabytes", type=click.FloatRange(0.5), default=20, show_default=True)
@click.option("--rounds", type=click.IntRange(12, 100), default=100, show_default=True)
def soak(megabytes: float, rounds: int) -> None:
    """Weigh all programs through a long run."""
    load = os.getloadavg()[0]
    with deployed(SITES, lambda number: _pairs(number, megabytes), _ENVIRONMENT) as federation:
        samples, ends = _run(federation, "long", rounds)
        disk = federation.hub.link_database.stat().st_size / 2**20
    by_round = [
        [one for one in samples if start <= one.time < end] for start, end in pairwise(ends)
    ]
    parts = sorted({part for one in samples for part in one.rss})
    usual = {part: [_usual(some, part) for some in by_round] for part in parts}
    values = {
        "megabytes": megabytes,
        "rounds": rounds,
        "sites": len(SITES),
        "usual": usual,
        "peak": {part: [peaks(some).get(part, 0.0) for some in by_round] for part in parts},
        "round_seconds": [end - start for start, end in pairwise(ends)],
        "database_mib": disk,
        "limit": LIMIT_GROWTH,
        "load": load,
    }
    record("soak", values, "reliability")
    for part, series in usual.items():
        print(f"{part}: {series[9]:.1f} MiB in round 10, {series[-1]:.1f} in the last")


def _run(federation: Deployment, name: str, rounds: int) -> tuple[list[Sample], list[float]]:
    """Do a run, and return what was weighed in it, and when its rounds were finished."""
    with Scales(federation.programs) as scales:
        federation.start_run(name, rounds=rounds, round_seconds=_ROUND_SECONDS, rank=16)
        run = completed(federation, name, _PATIENCE_SECONDS)
    return scales.samples, round_ends(run, rounds)


def _coordinators(weights: Mapping[str, float]) -> dict[str, float]:
    return {
        part.removeprefix(_COORDINATOR): mib
        for part, mib in weights.items()
        if part.startswith(_COORDINATOR)
    }


def _usual(samples: Sequence[Sample], part: str) -> float:
    """Return the median RSS of a part: what it weighs at rest, most of the time."""
    found = [one.rss[part] for one in samples if part in one.rss]
    return median(found) if found else 0.0


def _pairs(number: int, megabytes: float) -> str:
    return f"seed={number + 1},megabytes={megabytes:g}"


if __name__ == "__main__":
    main()

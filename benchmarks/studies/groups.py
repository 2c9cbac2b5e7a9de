"""What groups of sites that learn alike gain: CodeXGLUE Java-C#, five sites by origin.

After some rounds together the sites go on as one group, in groups, with peers, or each alone; one
row shares nothing at all.  Measured is the validation loss of each site's adapter, on its own code
and on everyone's.  Each row of each seed is kept as soon as it is done, and a study that is killed
goes on where it was, within a row too.

    python -m benchmarks.studies.groups DATA_FOLDER --seeds 3
    python -m benchmarks.tables
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch

from benchmarks.datafolder import STUDY, DataFolder
from benchmarks.studies.codexglue import SITES, prepare
from benchmarks.study import RESULTS, machine
from fedtranslate.adapters.grouping import Peers
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.files import write_durably
from fedtranslate.config.reading import validate
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.errors import ConfigError
from fedtranslate.experiments.comparison import open_sites
from fedtranslate.experiments.groups import (
    Parted,
    Place,
    losses_everywhere,
    place_of,
    simulate_groups,
)
from fedtranslate.federation.site.lessons import Lessons

NAME = "groups"
CUTS = {"train": 200, "valid": 24}
"""Pairs per site, in the order of the file: no row trains on more than a site's steps take, and
to validate decides most of the study's time."""
SHARED_ROUNDS = 2
SETTINGS = RunSettings(
    name=NAME,
    source="java",
    target="csharp",
    rounds=6,
    steps=4,
    method="fra",
    weighting="equal",
    round_decay=0.9,
    lora=LoraSettings(rank=16, alpha=32.0),
    training=TrainingSettings(
        learning_rate=4e-3,
        schedule="cosine",
        warmup_steps=1,
        batch_tokens=1024,
        max_tokens=256,
        both_directions=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who shares with whom."""

    name: str
    into: int | Peers | None
    """How many groups, or neighbourhoods of how many peers; None chooses."""
    shared_rounds: int
    keep_a: bool = False
    """Whether groups keep the A of all and train B alone."""


ARRANGEMENTS = (
    Arrangement("one group", 1, SHARED_ROUNDS),
    Arrangement("two groups", 2, SHARED_ROUNDS),
    Arrangement("two groups, A of all", 2, SHARED_ROUNDS, keep_a=True),
    Arrangement("peers of 2", Peers(2), SHARED_ROUNDS),
    Arrangement("groups by silhouette", None, SHARED_ROUNDS),
    Arrangement("alone after the rounds of all", len(SITES), SHARED_ROUNDS),
    Arrangement("no sharing", len(SITES), 0),
)


def federation(work: Path, settings: RunSettings) -> FederationFile:
    """Return the federation of the files below ``work``."""
    sites = tuple(
        SiteSettings(
            name=site,
            pairs=str(work / f"{site}-train-few.jsonl"),
            validation_pairs=str(work / f"{site}-valid-few.jsonl"),
        )
        for site in SITES
    )
    return FederationFile(run=settings, sites=sites)


def measured(
    one: Arrangement, file: FederationFile, sites: Sequence[Lessons], place: Place
) -> dict[str, Any]:
    """Return groups and losses of one arrangement."""
    parted = simulate_groups(
        file, place, into=one.into, shared_rounds=one.shared_rounds, keep_a=one.keep_a
    )
    losses: dict[str, dict[str, float]] = {}
    for group in parted.groups:
        losses |= losses_everywhere(group, sites)
    return {
        "arrangement": one.name,
        "groups": [list(group.sites) for group in parted.groups],
        "serves": [list(group.serves) for group in parted.groups],
        "best_rounds": [group.result.best_round for group in parted.groups],
        "similarity": parted.similarity,
        "losses": losses,
        "checksums": [group.result.checksum for group in parted.groups],
        "shared": _shared(parted),
        "commit": machine()["commit"],
    }


def measure_seed(
    settings: RunSettings,
    work: Path,
    path: Path,
    arrangements: Sequence[Arrangement] = ARRANGEMENTS,
) -> None:
    """Measure the ``arrangements`` that the file ``path`` does not have yet, and keep each there.

    Raises:
        ConfigError: The file holds rows of other settings.
    """
    document = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": []}
    done = {row["arrangement"]: row for row in document["rows"]}
    left = [one for one in arrangements if one.name not in done]
    if not left:
        return
    file = federation(work, settings)
    sites = open_sites(file)
    place = place_of(sites, work / "runs")
    about = {
        "seed": settings.seed,
        "settings": settings.model_dump(mode="json"),
        "shared_rounds": SHARED_ROUNDS,
        "base_fingerprint": sites[0].base.fingerprint,
        "validation_pairs": {s.corpus.name: len(s.corpus.split.validation) for s in sites},
        "machine": machine(),
    }
    if done:
        _check_alike(path, document["about"], about, settings)
        about = document["about"]
    for one in left:
        row = done[one.name] = measured(one, file, sites, place)
        rows = [done[known.name] for known in ARRANGEMENTS if known.name in done]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"about": about, "rows": rows}, indent=1) + "\n"
        write_durably(path, text.encode())
        told = "; ".join(", ".join(group) for group in row["groups"])
        click.echo(f"seed {settings.seed}, {one.name}: {told}; kept in {path}", err=True)


def _check_alike(
    path: Path, kept: Mapping[str, Any], now: Mapping[str, Any], settings: RunSettings
) -> None:
    """Refuse to put rows beside those of a file that were measured in another way."""
    # Settings that are newer than the file had their defaults.
    is_alike = validate(RunSettings, kept["settings"], str(path)) == settings
    for key in ("shared_rounds", "base_fingerprint", "validation_pairs"):
        is_alike = is_alike and kept[key] == now[key]
    if not is_alike:
        raise ConfigError(
            f"{path} holds rows of other settings, pairs or models.",
            hint="Choose another folder with --out.",
        )


def _shared(parted: Parted) -> dict[str, Any]:
    if parted.shared is None:
        return {}
    return {"best_round": parted.shared.best_round, "validation": list(parted.shared.validation)}


def _cut(work: Path, site: str) -> None:
    """Write the first pairs of a site to files of their own."""
    for split, few in CUTS.items():
        lines = (work / f"{site}-{split}.jsonl").read_bytes().splitlines(keepends=True)
        write_durably(work / f"{site}-{split}-few.jsonl", b"".join(lines[:few]))


@click.command(context_settings={"show_default": True})
@click.argument("data", type=DataFolder(*STUDY))
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/study-groups"))
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
@click.option("--threads", type=click.IntRange(1), default=2)
def main(data: Path, seeds: int, work: Path, out: Path, threads: int) -> None:
    """Run the study on the CodeXGLUE files in DATA."""
    quiet_libraries()
    torch.set_num_threads(threads)
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / f"{SITES[-1]}-valid-few.jsonl").exists():
        prepare(data, work)
        for site in SITES:
            _cut(work, site)
    for seed in range(seeds):
        settings = SETTINGS.model_copy(update={"threads": threads, "seed": seed})
        measure_seed(settings, work, out / f"seed-{seed}.json")


if __name__ == "__main__":
    main()

"""What groups of sites that learn alike gain: CodeXGLUE Java-C#, five sites by origin.

After some rounds together the sites go on as one group, in groups, or each alone; one row shares
nothing at all.  Measured is the validation loss of each site's adapter, on its own code and on
everyone's.  A study that is killed goes on where it was.

    python -m benchmarks.studies.groups DATA_FOLDER --seeds 3
    python -m benchmarks.tables
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch

from benchmarks.datafolder import STUDY, DataFolder
from benchmarks.studies.codexglue import SITES, prepare
from benchmarks.study import RESULTS, machine
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.files import write_durably
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.experiments.comparison import open_sites
from fedtranslate.experiments.groups import Parted, Place, place_of, simulate_groups
from fedtranslate.federation.coordinator.roundfolder import kept_round
from fedtranslate.federation.exchange import Task
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
    into: int | None
    """How many groups; None chooses."""
    shared_rounds: int


ARRANGEMENTS = (
    Arrangement("one group", 1, SHARED_ROUNDS),
    Arrangement("two groups", 2, SHARED_ROUNDS),
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
    parted = simulate_groups(file, place, into=one.into, shared_rounds=one.shared_rounds)
    losses: dict[str, dict[str, float]] = {}
    for group in parted.groups:
        kept = kept_round(group.result.folder, group.result.best_round)
        assert kept is not None
        found = {site.corpus.name: _loss(site, kept.joint) for site in sites}
        losses |= dict.fromkeys(group.sites, found)
    return {
        "arrangement": one.name,
        "groups": [list(group.sites) for group in parted.groups],
        "best_rounds": [group.result.best_round for group in parted.groups],
        "similarity": parted.similarity,
        "losses": losses,
        "checksums": [group.result.checksum for group in parted.groups],
        "shared": _shared(parted),
    }


def _shared(parted: Parted) -> dict[str, Any]:
    if parted.shared is None:
        return {}
    return {"best_round": parted.shared.best_round, "validation": list(parted.shared.validation)}


def _loss(site: Lessons, joint: Joint) -> float:
    """Return the validation loss per token of an adapter at a site."""
    update = site.train(joint, Task(1, 0), 0)
    return update.validation_loss / update.validation_tokens


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
        file = federation(work, settings)
        sites = open_sites(file)
        place = place_of(sites, work / "runs")
        rows = []
        for one in ARRANGEMENTS:
            rows.append(measured(one, file, sites, place))
            told = "; ".join(", ".join(group) for group in rows[-1]["groups"])
            click.echo(f"seed {seed}, {one.name}: {told}", err=True)
        about = {
            "seed": seed,
            "settings": settings.model_dump(mode="json"),
            "shared_rounds": SHARED_ROUNDS,
            "base_fingerprint": sites[0].base.fingerprint,
            "validation_pairs": {s.corpus.name: len(s.corpus.split.validation) for s in sites},
            "machine": machine(),
        }
        document = {"about": about, "rows": rows}
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"seed-{seed}.json"
        write_durably(path, (json.dumps(document, indent=1) + "\n").encode())
        click.echo(f"written to {path}", err=True)


if __name__ == "__main__":
    main()

"""CodeXGLUE Java-C# as a federation: five sites by origin, both directions in one adapter.

The question: what does a site gain by joining, on everyone's code and on its own, when every row
has had the same number of optimiser steps?  Developed on the validation split; the test split is
read once, with ``--split test``.

    python -m benchmarks.studies.codexglue DATA_FOLDER --split test --seeds 3
    python -m benchmarks.tables
"""

import csv
from pathlib import Path

import click
import torch

from benchmarks.datafolder import STUDY, DataFolder
from benchmarks.study import RESULTS, run_seed
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.corpus.formats import write_pairs
from fedtranslate.records import CodePair

SITES = ("aws", "poi", "jgit", "antlr", "aliyun")
NAME = "codexglue"
HELD_OUT = 60
"""Test pairs per site, in the order of the file: they decide most of the study's time, and the
views weigh sites alike, so that the 281 of aws would tell little more than 60 do."""
SETTINGS = RunSettings(
    name=NAME,
    source="java",
    target="csharp",
    rounds=8,
    steps=10,
    method="fra",
    weighting="equal",
    round_decay=0.9,
    lora=LoraSettings(rank=32, alpha=64.0),
    training=TrainingSettings(
        learning_rate=4e-3,
        schedule="cosine",
        warmup_steps=2,
        batch_tokens=2048,
        max_tokens=512,
        both_directions=True,
    ),
)
"""Chosen on the validation split; benchmarks/README.md says what was tried."""


def prepare(data: Path, work: Path) -> None:
    """Cut the files of ``data`` into one file of pairs per site and split, below ``work``."""
    with (data / "origins.tsv").open(encoding="utf-8", newline="") as file:
        origins = {
            (row["split"], int(row["line"])): row["origin"]
            for row in csv.DictReader(file, delimiter="\t")
        }
    for split in ("train", "valid", "test"):
        stem = data / f"{split}.java-cs.txt"
        sides = [Path(f"{stem}.{end}").read_text("utf-8").split("\n") for end in ("java", "cs")]
        by_site: dict[str, list[CodePair]] = {site: [] for site in SITES}
        for line, (java, csharp) in enumerate(zip(*sides, strict=True), 1):
            origin = origins.get((split, line), "")
            if origin in by_site:
                name = f"{split}:{line}"
                by_site[origin].append(CodePair(java, csharp, "java", "csharp", name, name))
        for site, pairs in by_site.items():
            kept = pairs[:HELD_OUT] if split == "test" else pairs
            write_pairs(work / f"{site}-{split}.jsonl", kept)


def federation(work: Path, split: str, settings: RunSettings) -> FederationFile:
    """Return the federation whose held-out code is ``split``."""
    sites = tuple(
        SiteSettings(
            name=site,
            pairs=str(work / f"{site}-train.jsonl"),
            validation_pairs=str(work / f"{site}-valid.jsonl"),
            held_out_pairs=str(work / f"{site}-{split}.jsonl"),
        )
        for site in SITES
    )
    return FederationFile(run=settings, sites=sites)


@click.command(context_settings={"show_default": True})
@click.argument("data", type=DataFolder(*STUDY))
@click.option("--split", type=click.Choice(["valid", "test"]), default="valid")
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--first-seed", type=click.IntRange(0), default=0)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/study"))
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
@click.option("--threads", type=click.IntRange(1), default=2)
def main(
    data: Path, split: str, seeds: int, first_seed: int, work: Path, out: Path, threads: int
) -> None:
    """Run the study on the CodeXGLUE files in DATA."""
    quiet_libraries()
    torch.set_num_threads(threads)
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / f"{SITES[-1]}-test.jsonl").exists():
        prepare(data, work)
    settings = SETTINGS.model_copy(update={"threads": threads})
    for seed in range(first_seed, first_seed + seeds):
        target = out / f"{split}-seed-{seed}.json"
        file = federation(work, split, settings)
        run_seed(file, seed, work / split, target, personal_everywhere=False)


if __name__ == "__main__":
    main()

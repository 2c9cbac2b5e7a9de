"""All aggregation methods on one federation: loss by round, by bytes and by seconds.

    python -m benchmarks.studies.methods DATA_FOLDER --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --split iid --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --sites 20 --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --ranks mixed --seeds 3
    python -m benchmarks.tables

CodeXGLUE's Java-C# pairs, by origin or dealt out; every method has the same settings, steps and
seeds.  What is told is the loss on validation pairs of the sites, the best round of each run: test
pairs are not read.  A study that is killed goes on where it was.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.datafolder import STUDY, DataFolder
from benchmarks.studies.codexglue import SETTINGS, SITES, prepare
from benchmarks.study import RESULTS, machine
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.files import write_durably
from fedtranslate.config.training import LoraSettings
from fedtranslate.corpus.formats import read_pairs, write_pairs
from fedtranslate.federation.coordinator.journal import read_round
from fedtranslate.federation.flower.local import run_local
from fedtranslate.records import CodePair

NAME = "methods"
VALIDATION = 12
"""Validation pairs of each site: they are read after every round."""
RANKS = (4, 8, 16)
"""Of the sites in turn, where ranks are mixed; the run has the largest."""
OPTIONS = {"fra-then-ffa": {"fra_rounds": 2}}
"""Where the defaults are for longer runs."""


def settings_of(method: str, seed: int, rounds: int, steps: int) -> RunSettings:
    """Return the settings of one run: those of the study of CodeXGLUE, shortened."""
    return SETTINGS.model_copy(
        update={
            "name": NAME,
            "method": method,
            "method_options": OPTIONS.get(method, {}),
            "seed": seed,
            "rounds": rounds,
            "steps": steps,
            "lora": LoraSettings(rank=max(RANKS), alpha=2.0 * max(RANKS)),
        }
    )


def sites_of(work: Path, split: str, count: int, ranks: str) -> Iterator[SiteSettings]:
    """Yield the sites; their pairs are written below ``work``."""
    for number, (name, train, valid) in enumerate(_parts(work, split, count)):
        place = work / f"{split}-{count}"
        for part, pairs in (("train", train), ("valid", valid[:VALIDATION])):
            path = place / f"{name}-{part}.jsonl"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_pairs(path, pairs)
        yield SiteSettings(
            name=name,
            pairs=str(place / f"{name}-train.jsonl"),
            validation_pairs=str(place / f"{name}-valid.jsonl"),
            rank=RANKS[number % len(RANKS)] if ranks == "mixed" else 0,
        )


def _parts(
    work: Path, split: str, count: int
) -> Iterator[tuple[str, list[CodePair], list[CodePair]]]:
    """Yield name, training and validation pairs of each site."""
    heaps = {
        site: [_read(work / f"{site}-{part}.jsonl") for part in ("train", "valid")]
        for site in SITES
    }
    if split == "iid":
        dealt = [[pair for site in SITES for pair in heaps[site][part]] for part in (0, 1)]
        for pairs in dealt:
            random.Random(1).shuffle(pairs)
        for number in range(count):
            yield f"s{number}", dealt[0][number::count], dealt[1][number::count]
        return
    each = count // len(SITES)
    for site in SITES:
        train, valid = heaps[site]
        for number in range(each):
            name = f"{site}{number}" if each > 1 else site
            yield name, train[number::each], valid[number::each] or valid


def _read(path: Path) -> list[CodePair]:
    return list(read_pairs(str(path), "java", "csharp"))


def measured(file: FederationFile, folder: Path) -> dict[str, Any]:
    """Run ``file`` in ``folder``, and return losses, bytes and seconds."""
    start = time.monotonic()
    result = run_local(file, folder)
    seconds = time.monotonic() - start
    rounds = [read_round(folder, number) for number in range(1, file.run.rounds + 1)]
    return {
        "validation": list(result.validation),
        "best_round": result.best_round,
        "up": [sum(one["bytes"] for one in each["replies"].values()) for each in rounds],
        "down": [each["sent_bytes"] for each in rounds],
        "left_out": len(result.left_out),
        "seconds": seconds,
    }


@click.command(context_settings={"show_default": True})
@click.argument("data", type=DataFolder(*STUDY))
@click.option("--split", type=click.Choice(["origin", "iid"]), default="origin")
@click.option("--sites", "count", type=click.Choice(["5", "20"]), default="5")
@click.option("--ranks", type=click.Choice(["same", "mixed"]), default="same")
@click.option("--method", "methods", multiple=True, help="Only these; all by default.")
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--rounds", type=click.IntRange(1), default=5)
@click.option("--steps", type=click.IntRange(1), default=4)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/study"))
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
def main(
    data: Path,
    split: str,
    count: str,
    ranks: str,
    methods: Sequence[str],
    seeds: int,
    rounds: int,
    steps: int,
    work: Path,
    out: Path,
) -> None:
    """Run every method on the CodeXGLUE files in DATA, once per seed."""
    quiet_libraries()
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / f"{SITES[-1]}-test.jsonl").exists():
        prepare(data, work)
    sites = tuple(sites_of(work, split, int(count), ranks))
    out.mkdir(parents=True, exist_ok=True)
    able = [name for name, one in METHODS.items() if ranks == "same" or one.mixed_ranks]
    for seed in range(seeds):
        for method in methods or able:
            path = out / f"{split}-{count}-{ranks}-{method}-{seed}.json"
            if path.exists():
                continue
            run = settings_of(method, seed, rounds, steps)
            folder = work / NAME / f"{path.stem}-{run.fingerprint()}"
            found = measured(FederationFile(run=run, sites=sites), folder)
            about = {"split": split, "sites": int(count), "ranks": ranks, "method": method}
            about |= {"seed": seed, "settings": run.model_dump(mode="json")}
            document = {"about": {**about, "machine": machine()}, **found}
            write_durably(path, (json.dumps(document, indent=1) + "\n").encode())
            losses = " ".join(f"{loss:.3f}" for loss in found["validation"])
            click.echo(f"{path.stem}: {losses} ({found['seconds']:.0f} s)", err=True)


if __name__ == "__main__":
    main()

"""All aggregation methods on one federation: loss by round, by bytes and by seconds.

    python -m benchmarks.studies.methods DATA_FOLDER --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --split iid --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --sites 20 --seeds 3
    python -m benchmarks.studies.methods DATA_FOLDER --ranks mixed --seeds 3
    python -m benchmarks.tables

CodeXGLUE's Java-C# pairs, by origin or dealt out; every method has the same steps and seeds, and
the learning rate that is best for it on pairs and a seed that are told of nowhere.  What is told is
the loss on validation pairs of the sites, the best round of each run: test pairs are not read.  A
study that is killed goes on where it was.
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
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import read_round
from fedtranslate.federation.flower.local import run_local
from fedtranslate.records import CodePair

NAME = "methods"
TRAIN, VALIDATION = 200, 12
"""Pairs of each site, in the order of the file: no run trains on more than a site's steps take, and
validation pairs are read after every round."""
RATES = (4e-3, 1.2e-2, 3.6e-2, 0.108)
"""Tried upwards until the loss rises or the run fails; the first is of the study of CodeXGLUE."""
_TUNING_SEED = 1_000
ALIKE = {"flexlora": "fra", "rbla": "fedit"}
"""With one rank for all these send and compute what the others do, and are not run beside them."""
RANKS = (4, 8, 16)
"""Of the sites in turn, where ranks are mixed; the run has the largest."""
OPTIONS = {"fra-then-ffa": {"fra_rounds": 2}}
"""Where the defaults are for longer runs."""


def settings_of(method: str, rate: float, seed: int, rounds: int, steps: int) -> RunSettings:
    """Return the settings of one run: those of the study of CodeXGLUE, shortened."""
    training = {"learning_rate": rate, "batch_tokens": 1024, "max_tokens": 256, "warmup_steps": 1}
    return SETTINGS.model_copy(
        update={
            "name": NAME,
            "method": method,
            "method_options": OPTIONS.get(method, {}),
            "seed": seed,
            "rounds": rounds,
            "steps": steps,
            "threads": 1,
            "lora": LoraSettings(rank=max(RANKS), alpha=2.0 * max(RANKS)),
            "training": SETTINGS.training.model_copy(update=training),
        }
    )


def sites_of(work: Path, split: str, count: int, ranks: str) -> tuple[SiteSettings, ...]:
    """Return the sites; their pairs are written below ``work``."""
    place = work / f"{split}-{count}"
    return tuple(
        SiteSettings(
            name=name,
            pairs=_written(place / f"{name}-train.jsonl", train[:TRAIN]),
            validation_pairs=_written(place / f"{name}-valid.jsonl", valid[:VALIDATION]),
            rank=RANKS[number % len(RANKS)] if ranks == "mixed" else 0,
        )
        for number, (name, train, valid) in enumerate(_parts(work, split, count))
    )


def tuning_sites(work: Path) -> tuple[SiteSettings, ...]:
    """Return sites that validate on pairs that no told run reads."""
    place = work / "tuning"
    return tuple(
        SiteSettings(
            name=name,
            pairs=_written(place / f"{name}-train.jsonl", train[:TRAIN]),
            validation_pairs=_written(place / f"{name}-valid.jsonl", train[TRAIN:][:VALIDATION]),
        )
        for name, train, _ in _parts(work, "origin", len(SITES))
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


def _written(path: Path, pairs: Sequence[CodePair]) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_pairs(path, pairs)
    return str(path)


def measured(file: FederationFile, folder: Path, trainer: str | None = None) -> dict[str, Any]:
    """Run ``file`` in ``folder``, and return losses, bytes and seconds."""
    start = time.monotonic()
    result = run_local(file, folder, trainer=trainer)
    seconds = time.monotonic() - start
    rounds = [read_round(folder, number) for number in range(1, file.run.rounds + 1)]
    return {
        "validation": list(result.validation),
        "best": result.validation[result.best_round],
        "best_round": result.best_round,
        "up": [sum(one["bytes"] for one in each["replies"].values()) for each in rounds],
        "down": [each["sent_bytes"] for each in rounds],
        "left_out": [list(one) for one in result.left_out],
        "seconds": seconds,
    }


def chosen_rate(method: str, rounds: int, steps: int, work: Path, out: Path) -> float:
    """Return the learning rate of the lowest loss on pairs that are told of nowhere; it is kept."""
    path = out / f"rate-{method}.json"
    if not path.exists():
        losses = {}
        for rate in RATES:
            run = settings_of(method, rate, _TUNING_SEED, rounds, steps)
            file = FederationFile(run=run, sites=tuning_sites(work))
            place = work / NAME / f"tuning-{method}-{run.fingerprint()}"
            try:
                losses[rate] = measured(file, place)["best"]
            except FederationError as error:  # such as replies whose norm is refused
                click.echo(f"{method}, rate {rate:g}: {error}", err=True)
                break
            click.echo(f"{method}, rate {rate:g}: {losses[rate]:.3f}", err=True)
            if losses[rate] > min(losses.values()):
                break
        kept = {"rate": min(losses, key=losses.__getitem__), "losses": losses}
        write_durably(path, (json.dumps(kept) + "\n").encode())
    return float(json.loads(path.read_text("utf-8"))["rate"])


@click.command(context_settings={"show_default": True})
@click.argument("data", type=DataFolder(*STUDY))
@click.option("--split", type=click.Choice(["origin", "iid"]), default="origin")
@click.option("--sites", "count", type=click.Choice(["5", "20"]), default="5")
@click.option("--ranks", type=click.Choice(["same", "mixed"]), default="same")
@click.option("--method", "methods", multiple=True, help="Only these; all by default.")
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--first-seed", type=click.IntRange(0), default=0)
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
    first_seed: int,
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
    sites = sites_of(work, split, int(count), ranks)
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(first_seed, first_seed + seeds):
        for method in methods or _able(ranks):
            path = out / f"{split}-{count}-{ranks}-{method}-{seed}.json"
            if path.exists():
                continue
            rate = chosen_rate(method, rounds, steps, work, out)
            run = settings_of(method, rate, seed, rounds, steps)
            folder = work / NAME / f"{path.stem}-{run.fingerprint()}"
            found = measured(FederationFile(run=run, sites=sites), folder)
            about = {"split": split, "sites": int(count), "ranks": ranks, "method": method}
            about |= {"seed": seed, "settings": run.model_dump(mode="json")}
            document = {"about": {**about, "machine": machine()}, **found}
            write_durably(path, (json.dumps(document) + "\n").encode())
            losses = " ".join(f"{loss:.3f}" for loss in found["validation"])
            click.echo(f"{path.stem}: {losses} ({found['seconds']:.0f} s)", err=True)


def _able(ranks: str) -> list[str]:
    """Return the methods to run: those that can, and are not the same as another."""
    if ranks == "same":
        return [name for name in METHODS if name not in ALIKE]
    return [name for name, method in METHODS.items() if method.mixed_ranks]


if __name__ == "__main__":
    main()

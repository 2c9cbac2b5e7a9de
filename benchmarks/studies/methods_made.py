"""All aggregation methods on a made task, in every setting: sites alike or not, 5 or 20, ranks.

    python -m benchmarks.studies.methods_made --seeds 5
    python -m benchmarks.tables

The task is that of the study of attacks: its answers are exact, and a run takes seconds.  Each
method gets the learning rate (and, where it has one, the server's rate) with the lowest loss over
two worlds of their own; those are not told.  Everything goes through the code of a real run, in one
process, so bytes are those of the messages.  A study that is killed goes on where it was.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import click

from benchmarks.robustness.task import RANK, SCALING
from benchmarks.studies import methods
from benchmarks.studies.made import TRADE
from benchmarks.study import RESULTS, machine
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.files import write_durably
from fedtranslate.config.training import LoraSettings, TrainingSettings

NAME = "methods-made"
ROUNDS, STEPS = 10, 12
RANKS = (2, 4, RANK)
"""Of the sites in turn, where ranks are mixed."""
RATES = (0.003, 0.01, 0.03)
SERVER_RATES = (0.3, 1.0, 2.0)
_TUNED_ON = (1_000, 1_001)


def federation(
    method: str, seed: int, choice: Mapping[str, float], *, alike: bool, count: int, mixed: bool
) -> FederationFile:
    """Return a federation of the made task."""
    options = {name: value for name, value in choice.items() if name != "learning_rate"}
    if method == "fra-then-ffa":
        options["fra_rounds"] = ROUNDS // 2
    run = RunSettings(
        name="made",
        source="java",
        target="csharp",
        rounds=ROUNDS,
        steps=STEPS,
        method=method,
        method_options=options,
        seed=seed,
        threads=1,
        lora=LoraSettings(rank=RANK, alpha=SCALING * RANK),
        training=TrainingSettings(learning_rate=choice["learning_rate"]),
    )
    sites = tuple(
        SiteSettings(
            name=f"s{number:02d}",
            pairs=f"/made/seed={seed},site={number},of={count},alike={int(alike)}",
            rank=RANKS[number % len(RANKS)] if mixed else 0,
        )
        for number in range(count)
    )
    return FederationFile(run=run, sites=sites)


def measured(file: FederationFile) -> dict[str, Any]:
    """Run ``file`` in a folder of its own, and return losses, bytes and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return methods.measured(file, Path(folder), TRADE)


@cache
def chosen(method: str) -> dict[str, float]:
    """Return the rates that are best for ``method`` on worlds that are told of nowhere."""
    server = SERVER_RATES if method in ("fedadam", "fedyogi") else (0.0,)
    tried: dict[tuple[tuple[str, float], ...], float] = {}
    for site_rate in RATES:
        for rate in server:
            choice = {"learning_rate": site_rate, **({"rate": rate} if rate else {})}
            found = [
                measured(federation(method, seed, choice, alike=False, count=5, mixed=False))
                for seed in _TUNED_ON
            ]
            tried[tuple(choice.items())] = fmean(one["best"] for one in found)
    best = min(tried, key=lambda choice: tried[choice])
    return dict(best)


def cells() -> Iterator[tuple[str, bool, int, bool]]:
    """Yield method, whether sites are alike, how many, and whether their ranks are mixed."""
    for alike in (False, True):
        for count in (5, 20):
            for mixed in (False, True):
                for name, method in METHODS.items():
                    if method.mixed_ranks or not mixed:
                        yield name, alike, count, mixed


@click.command(context_settings={"show_default": True})
@click.option("--seeds", type=click.IntRange(1), default=5)
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
def main(seeds: int, out: Path) -> None:
    """Run every method in every setting, once per seed."""
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(seeds):
        for method, alike, count, mixed in cells():
            kind = f"{'alike' if alike else 'unlike'}-{count}-{'mixed' if mixed else 'same'}"
            path = out / f"{kind}-{method}-{seed}.json"
            if path.exists():
                continue
            choice = _kept_choice(out, method)
            file = federation(method, seed, choice, alike=alike, count=count, mixed=mixed)
            found = measured(file)
            about = {"method": method, "alike": alike, "sites": count, "mixed": mixed}
            about |= {"seed": seed, "choice": choice, "machine": machine()}
            write_durably(path, (json.dumps({"about": about, **found}) + "\n").encode())
            click.echo(f"{path.stem}: {found['best']:.4f} ({found['seconds']:.1f} s)", err=True)


def _kept_choice(out: Path, method: str) -> dict[str, float]:
    path = out / f"choice-{method}.json"
    if not path.exists():
        write_durably(path, (json.dumps(chosen(method)) + "\n").encode())
    kept: dict[str, float] = json.loads(path.read_text("utf-8"))
    return kept


if __name__ == "__main__":
    main()

"""Run every attack against every defence, and keep what came out.

python -m benchmarks.robustness.table --seeds 5
"""

import gc
from dataclasses import asdict
from statistics import fmean
from typing import Any

import click
import torch

from benchmarks.record import record
from benchmarks.robustness import task
from benchmarks.robustness.attacks import ATTACKERS, ATTACKS
from benchmarks.robustness.defences import BYZANTINE, DEFENCES, ROUNDS
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.federation.exchange import seed_of


@click.command()
@click.option("--seeds", default=5, show_default=True, help="Worlds, each with its own sites.")
@click.option("--only", default="", help="Run this row alone, and keep nothing.")
def main(seeds: int, only: str) -> None:
    """Write benchmarks/results/robustness/attacks.json."""
    torch.set_num_threads(1)
    gc.freeze()  # stock Flower collects garbage for every reply it reads
    rows = []
    for defence in DEFENCES:
        if only and defence.name != only:
            continue
        for attack in ATTACKS:
            ends = [defence.run(task.make_world(seed), attack, seed) for seed in range(seeds)]
            losses = [end.loss for end in ends if end.loss is not None]
            said = f"{fmean(losses):.3f}" if losses else ends[0].why
            click.echo(f"{defence.name}, {attack.name}: {said}", err=True)
            rows.append(
                {
                    "defence": defence.name,
                    "rival": defence.rival,
                    "attack": attack.name,
                    "ends": [asdict(end) for end in ends],
                }
            )
    if not only:
        path = record("attacks", {"settings": _settings(seeds), "rows": rows}, "robustness")
        click.echo(f"written to {path}", err=True)


def _settings(seeds: int) -> dict[str, Any]:
    untrained = [
        task.make_world(seed).loss(
            initial_adapter(
                task.SHAPES, rank=task.RANK, scaling=task.SCALING, seed=seed_of(seed, 0)
            )
        )
        for seed in range(seeds)
    ]
    return {
        "seeds": seeds,
        "rounds": ROUNDS,
        "steps": task.STEPS,
        "sites": len(task.SITES),
        "attackers": len(ATTACKERS),
        "byzantine": BYZANTINE,
        "rank": task.RANK,
        "untrained": untrained,
        "attacks": {attack.name: attack.title for attack in ATTACKS},
    }


if __name__ == "__main__":
    main()

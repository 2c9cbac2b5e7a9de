"""Run every attack against every defence, and keep what came out.

python -m benchmarks.robustness.table --seeds 5 --first 200 --cells CELLS.jsonl

Every run that has ended is a line of CELLS.jsonl; started again with the same file, the study goes
on where it was.  Runs of other code belong in another file.
"""

import gc
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any

import click
import torch

from benchmarks.record import record
from benchmarks.robustness import task
from benchmarks.robustness.attacks import ATTACKERS, ATTACKS, Attack
from benchmarks.robustness.defences import BYZANTINE, DEFENCES, ROUNDS, Defence, End
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.federation.exchange import seed_of


@click.command()
@click.option("--seeds", default=5, show_default=True, help="Worlds, each with its own sites.")
@click.option("--first", default=0, show_default=True, help="The first of the seeds.")
@click.option("--only", default="", help="Run this row alone, and keep no table.")
@click.option(
    "--cells",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep every run here as it ends, and go on from there.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Raw file to write in the place of the committed one.",
)
def main(seeds: int, first: int, only: str, cells: Path | None, output: Path | None) -> None:
    """Write benchmarks/results/robustness/attacks.json."""
    torch.set_num_threads(1)
    gc.freeze()  # stock Flower collects garbage for every reply it reads
    wanted = range(first, first + seeds)
    defences = [one for one in DEFENCES if not only or one.name == only]
    runs = Runs(cells)
    rows = []
    for defence in defences:
        for attack in ATTACKS:
            ends = [runs.end(defence, attack, seed) for seed in wanted]
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
        path = record(
            "attacks", {"settings": _settings(wanted), "rows": rows}, "robustness", output
        )
        click.echo(f"written to {path}", err=True)


class Runs:
    """The runs of a study; those in its file are not run again.

    Args:
        file: Lines of JSON; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._ends = dict(_read(file)) if file is not None and file.exists() else {}

    def end(self, defence: Defence, attack: Attack, seed: int) -> End:
        """Return how a run came out."""
        key = defence.name, attack.name, seed
        if key not in self._ends:
            self._ends[key] = end = defence.run(task.make_world(seed), attack, seed)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([*key, asdict(end)]) + "\n")
        return self._ends[key]


def _read(file: Path) -> Iterator[tuple[tuple[str, str, int], End]]:
    whole = file.read_text("utf-8")
    kept = whole[: whole.rfind("\n") + 1]
    if kept != whole:
        file.write_text(kept, "utf-8")  # the last line was cut off
    for line in kept.splitlines():
        defence, attack, seed, end = json.loads(line)
        yield (defence, attack, seed), End(**end)


def _settings(seeds: range) -> dict[str, Any]:
    untrained = [
        task.make_world(seed).loss(
            initial_adapter(
                task.SHAPES, rank=task.RANK, scaling=task.SCALING, seed=seed_of(seed, 0)
            )
        )
        for seed in seeds
    ]
    return {
        "seeds": len(seeds),
        "first": seeds.start,
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

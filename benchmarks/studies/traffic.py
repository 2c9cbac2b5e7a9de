"""What formats of numbers save on the network, and what they cost: bytes as they were measured.

python -m benchmarks.studies.traffic --seeds 3
python -m benchmarks.tables

The sites and settings are those of clients/samples, but for the method, FedIT, and for fewer,
shorter steps on shorter pairs.  A study that is killed goes on where it was.
"""

import json
from pathlib import Path
from typing import Any

import click

from benchmarks.study import RESULTS, machine
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import FederationFile, read_federation
from fedtranslate.config.files import write_durably
from fedtranslate.config.traffic import TrafficSettings
from fedtranslate.federation.coordinator.journal import read_round
from fedtranslate.federation.flower.local import run_local
from fedtranslate.resources import shipped

NAME = "traffic"
FORMATS = {
    "float32": TrafficSettings(),
    "int8": TrafficSettings(up="int8", down="int8"),
    "int4": TrafficSettings(up="int4", down="int4"),
    "float16": TrafficSettings(up="float16", down="float16"),
    "bfloat16": TrafficSettings(up="bfloat16", down="bfloat16"),
    "top-5-int8": TrafficSettings(up="int8", down="int8", top_k=0.05),
}


def measured(file: FederationFile, folder: Path) -> dict[str, Any]:
    """Run ``file`` in ``folder``, and return bytes and losses of its rounds."""
    result = run_local(file, folder)
    rounds = [read_round(folder, number) for number in range(1, file.run.rounds + 1)]
    return {
        "up": [sum(one["bytes"] for one in each["replies"].values()) for each in rounds],
        "down": [each["sent_bytes"] for each in rounds],
        "replies": [len(each["replies"]) for each in rounds],
        "validation": list(result.validation),
        "best_round": result.best_round,
        "checksum": result.checksum,
    }


@click.command(context_settings={"show_default": True})
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--format", "formats", type=click.Choice(list(FORMATS)), multiple=True)
@click.option("--rounds", type=click.IntRange(2), default=4)
@click.option("--steps", type=click.IntRange(1), default=5)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/study"))
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
def main(
    seeds: int, formats: tuple[str, ...], rounds: int, steps: int, work: Path, out: Path
) -> None:
    """Run one federation in every format, or in those that are named, once per seed."""
    quiet_libraries()
    file = read_federation(
        shipped("clients") / "samples" / "federation.toml",
        rounds=rounds,
        steps=steps,
        method="fedit",
        personal_from=0,
    )
    out.mkdir(parents=True, exist_ok=True)
    shorter = {"batch_tokens": 512, "max_tokens": 128, "renamed": 0}
    training = file.run.training.model_copy(update=shorter)
    for name in formats or FORMATS:
        for seed in range(seeds):
            path = out / f"{name}-seed-{seed}.json"
            if path.exists():
                continue
            changes = {"seed": seed, "traffic": FORMATS[name], "training": training, "threads": 1}
            run = file.run.model_copy(update=changes)
            found = measured(
                file.model_copy(update={"run": run}),
                work.resolve() / NAME / f"{name}-{seed}-{run.fingerprint()}",
            )
            about = {"format": name, "seed": seed, "settings": run.model_dump(mode="json")}
            document = {"about": {**about, "machine": machine()}, **found}
            write_durably(path, (json.dumps(document, indent=1) + "\n").encode())
            best = found["validation"][found["best_round"]]
            click.echo(f"{name}, seed {seed}: {best:.4f} in round {found['best_round']}", err=True)


if __name__ == "__main__":
    main()

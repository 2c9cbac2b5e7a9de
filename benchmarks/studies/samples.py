"""The three constructed sample sites over several seeds: the numbers that the README quotes.

python -m benchmarks.studies.samples --seeds 3
python -m benchmarks.tables
"""

from pathlib import Path

import click

from benchmarks.study import RESULTS, run_seed
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.config.federation import read_federation
from fedtranslate.resources import shipped

NAME = "samples"


@click.command(context_settings={"show_default": True})
@click.option("--seeds", type=click.IntRange(1), default=3)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/study"))
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS / NAME)
def main(seeds: int, work: Path, out: Path) -> None:
    """Run the demo's federation, with all its rows, once per seed."""
    quiet_libraries()
    file = read_federation(shipped("clients") / "samples" / "federation.toml")
    for seed in range(seeds):
        run_seed(file, seed, work.resolve() / NAME, out / f"held-out-seed-{seed}.json")


if __name__ == "__main__":
    main()

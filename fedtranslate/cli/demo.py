"""``fedtranslate demo``: the main job, once, on three constructed sites."""

from pathlib import Path

import click

from fedtranslate.cli.federate import run_simulation


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where the run is kept.",
)
@click.option("--seed", type=int, help="Decides everything random.")
def demo(out: Path, seed: int | None) -> None:
    """Show the whole way on this machine: three companies that migrate from Java to C#.

    The companies and their code are constructed; they ship with fedtranslate.  Each mines its
    pairs, they train together without showing each other a line, and each then translates a
    part that it has not migrated yet.  No network and no GPU is needed.
    """
    from fedtranslate.config.federation import read_federation
    from fedtranslate.resources import shipped

    file = read_federation(shipped("clients") / "samples" / "federation.toml", seed=seed)
    run_simulation(file, out, compares=True, migrates=10)

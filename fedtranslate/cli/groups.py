"""``fedtranslate federate groups``: part the sites of a run into groups that learn alike."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import groupoptions, options
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.cli.progress import quiet_libraries


@click.command()
@click.argument("name", metavar="RUN")
@click.option("--into", type=click.IntRange(1), metavar="N", help="How many groups.")
@groupoptions.keep
@click.option(
    "--write",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the settings of a run for each group there.",
)
@options.as_json
@COORDINATOR.option
def groups(
    name: str, into: int | None, keep: str | None, out: Path | None, as_json: bool, folder: Path
) -> None:
    """Show which sites of RUN learn alike, and propose groups of them.

    What is compared are the changes that the sites made in the last round: 1 is the same
    direction, -1 the opposite. Groups have two sites at least. A group becomes a run of its own,
    which begins with the best adapter of RUN; with --keep a it has the method ffa, and the A of all
    is the same in every group.

    \b
    Example:
        fedtranslate federate groups cairn --write .
        fedtranslate federate start cairn-group-1.toml
    """
    quiet_libraries()
    from fedtranslate.cli.runs import find_run
    from fedtranslate.federation.coordinator.grouping import check_keeping, propose
    from fedtranslate.federation.coordinator.orders import read_order

    run = find_run(folder, name)
    order = read_order(run)
    found = propose(run, order.sites, into)
    if keep:
        check_keeping(order.settings)
    written = [] if out is None else _written(run, order.settings, found, out, keep_a=bool(keep))
    if as_json:
        document = {
            "run": name,
            "round": found.round,
            "similarity": found.similarity,
            "groups": found.groups,
            "missing": found.missing,
            "files": [str(path) for path in written],
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"Likeness of the sites' updates in round {found.round} of {name}:")
    print_similarity(found.similarity)
    for number, group in enumerate(found.groups, 1):
        click.echo(f"Group {number}: {', '.join(group)}")
    if found.missing:
        click.echo(f"In no group, since they had no part in it: {', '.join(found.missing)}")
    if len(found.groups) == 1:
        click.echo("Nothing parts them plainly; --into names a number of groups.")
    for path in written:
        click.echo(f"Written: {path}; 'fedtranslate federate start {path}' starts it.")


def _written(
    run: Path,
    settings: Any,  # noqa: ANN401
    found: Any,  # noqa: ANN401
    out: Path,
    *,
    keep_a: bool,
) -> list[Path]:
    """Write the file of each group's run, and return where."""
    from fedtranslate.config.files import write_durably
    from fedtranslate.config.writing import toml_lines
    from fedtranslate.federation.coordinator.beginning import best_round
    from fedtranslate.federation.coordinator.grouping import group_settings

    options.check_folder(out)
    best, written = best_round(run), []
    for number, group in enumerate(found.groups, 1):
        own = group_settings(settings, number, settings.rounds, run, best, keep_a=keep_a)
        values = own.model_dump(mode="json", exclude_defaults=True) | {"sites": list(group)}
        path = out / f"{own.name}.toml"
        out.mkdir(parents=True, exist_ok=True)
        write_durably(path, f"[federation]\n{toml_lines(values)}".encode())
        written.append(path)
    return written


def print_similarity(likeness: Mapping[str, Mapping[str, float]]) -> None:
    """Print how alike sites are, as a table."""
    names = sorted(likeness)
    width = max(6, *map(len, names))
    click.echo(" " * (width + 2) + "  ".join(f"{name:>{width}}" for name in names))
    for one in names:
        row = "  ".join(f"{likeness[one][other]:>{width}.3f}" for other in names)
        click.echo(f"{one:<{width}}  {row}")

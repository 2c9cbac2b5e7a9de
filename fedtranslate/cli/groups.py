"""``fedtranslate federate groups``: part the sites of a run into groups that learn alike."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import groupoptions, options
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.cli.progress import quiet_libraries

COMPARED = {
    "similarity": "Likeness of the sites' updates",
    "signature": "Likeness of the names that the sites' pairs use, by their signatures",
}
"""What a table of likeness shows."""


@click.command()
@click.argument("name", metavar="RUN")
@click.option(
    "--into",
    "wanted",
    metavar=groupoptions.WANTED,
    help="How many groups, or the neighbourhood of each site and the K most like it.",
)
@groupoptions.by
@groupoptions.keep
@click.option("--anew", is_flag=True, help="Let groups begin with nothing, not with RUN's best.")
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
    name: str,
    wanted: str | None,
    by: str | None,
    keep: str | None,
    anew: bool,
    out: Path | None,
    as_json: bool,
    folder: Path,
) -> None:
    """Show which sites of RUN learn alike, and propose groups of them.

    What is compared are the changes that the sites made in the last round: 1 is the same
    direction, -1 the opposite. With --by signature it is the names that their training pairs use,
    by salted sketches that a run with signature = "apis" has: 1 is the same set.

    Groups have two sites at least. A group becomes a run of its own, which begins with the best
    adapter of RUN; with --keep a it has the method ffa, and the A of all stays the same in every
    group.

    With --into peers:K each site gets a run with the K sites most like it, whose release is for
    that site. A site then trains in every neighbourhood that it is in.

    \b
    Examples:
        fedtranslate federate groups cairn --write .
        fedtranslate federate start cairn-group-1.toml
        fedtranslate federate groups cairn --into peers:2 --write .
    """
    if keep and anew:
        raise click.UsageError("--keep goes without --anew: there is no A of all then.")
    into = groupoptions.read_wanted(wanted, "--into")
    quiet_libraries()
    from fedtranslate.cli.runs import find_run
    from fedtranslate.federation.coordinator.grouping import By, check_keeping, propose
    from fedtranslate.federation.coordinator.orders import read_order

    run = find_run(folder, name)
    order = read_order(run)
    compared: By = "signature" if by == "signature" else "similarity"
    found = propose(run, order.sites, into, by=compared)
    if keep:
        check_keeping(order.settings)
    written = []
    if out is not None:
        written = _written(run, order.settings, found, out, keep_a=bool(keep), anew=anew)
    if as_json:
        document = {
            "run": name,
            "round": found.round,
            "by": compared,
            "similarity": found.similarity,
            "groups": found.groups,
            "released_to": found.released_to,
            "missing": found.missing,
            "unmoved": found.unmoved,
            "files": [str(path) for path in written],
        }
        click.echo(json.dumps(document, indent=2))
        return
    _print(name, compared, found, into)
    where = COORDINATOR.words(folder)
    for path in written:
        click.echo(f"Written: {path}; 'fedtranslate federate start {path}{where}' starts it.")


def _print(name: str, by: str, found: Any, into: Any) -> None:  # noqa: ANN401 - a Proposal; int, Peers or None
    click.echo(f"{COMPARED[by]} in round {found.round} of {name}:")
    print_similarity(found.similarity)
    for number, (group, to) in enumerate(zip(found.groups, found.released_to, strict=True), 1):
        click.echo(f"Group {number}: {', '.join(group)}{told_receivers(to)}")
    if away := [site for site in found.missing if site not in found.unmoved]:
        click.echo(f"In no group, since they had no part in it: {', '.join(away)}")
    if found.unmoved:
        told = "In no group, since their replies changed nothing of the product of B and A"
        click.echo(f"{told}: {', '.join(found.unmoved)}")
    if any(found.released_to):
        print_parts(found.groups)
    else:
        print_wanted(len(found.groups), into)


def print_wanted(groups: int, into: int | None) -> None:
    """Say why there are fewer groups than were asked for, or than one may have hoped for."""
    if into is not None and groups < into:
        click.echo(f"{into} groups cannot be had: groups have two sites at least.")
    elif into is None and groups == 1:
        click.echo("Nothing parts them plainly; name a number of groups to part them all the same.")


def told_receivers(released_to: Sequence[str]) -> str:
    """Say whose neighbourhood a group is; nothing where it is for all of its own sites."""
    return f", for {', '.join(released_to)}" if released_to else ""


def print_parts(groups: Iterable[Sequence[str]]) -> None:
    """Print in how many of the runs of ``groups`` each site trains."""
    parts = Counter(site for group in groups for site in group)
    told = ", ".join(f"{site} {parts[site]}" for site in sorted(parts))
    click.echo(f"Each site trains in as many of these runs as it is in: {told}.")


def _written(
    run: Path,
    settings: Any,  # noqa: ANN401
    found: Any,  # noqa: ANN401
    out: Path,
    *,
    keep_a: bool,
    anew: bool,
) -> list[Path]:
    """Write the file of each group's run, and return where."""
    from fedtranslate.config.files import write_durably
    from fedtranslate.config.writing import toml_lines
    from fedtranslate.federation.coordinator.beginning import best_round
    from fedtranslate.federation.coordinator.grouping import group_settings

    options.check_folder(out)
    begun = (None, 0) if anew else (run, best_round(run))
    written = []
    for number, (group, to) in enumerate(zip(found.groups, found.released_to, strict=True), 1):
        own = group_settings(
            settings,
            number,
            settings.rounds,
            *begun,
            keep_a=keep_a,
            sites=group if len(found.groups) > 1 else (),
            released_to=to,
        )
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

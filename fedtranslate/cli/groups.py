"""``fedtranslate federate groups``: part the sites of a run into groups that learn alike."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.cli.progress import quiet_libraries, stages


@click.command()
@click.argument("name", metavar="RUN")
@click.option("--into", type=click.IntRange(1), metavar="N", help="How many groups.")
@click.option(
    "--write",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the settings of a run for each group there.",
)
@options.as_json
@COORDINATOR.option
def groups(name: str, into: int | None, out: Path | None, as_json: bool, folder: Path) -> None:
    """Show which sites of RUN learn alike, and propose groups of them.

    What is compared are the changes that the sites made in the last round: 1 is the same
    direction, -1 the opposite. Groups have two sites at least. A group becomes a run of its own,
    which begins with the best adapter of RUN.

    \b
    Example:
        fedtranslate federate groups cairn --write .
        fedtranslate federate start cairn-group-1.toml
    """
    quiet_libraries()
    from fedtranslate.cli.runs import find_run
    from fedtranslate.federation.coordinator.grouping import propose
    from fedtranslate.federation.coordinator.orders import read_order

    run = find_run(folder, name)
    order = read_order(run)
    found = propose(run, order.sites, into)
    written = _written(run, order.settings, found, out) if out is not None else []
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
    _print_similarity(found.similarity)
    for number, group in enumerate(found.groups, 1):
        click.echo(f"Group {number}: {', '.join(group)}")
    if found.missing:
        click.echo(f"In no group, since they had no part in it: {', '.join(found.missing)}")
    if len(found.groups) == 1:
        click.echo("Nothing parts them plainly; --into names a number of groups.")
    where = COORDINATOR.words(folder)
    for path in written:
        click.echo(f"Written: {path}; 'fedtranslate federate start {path}{where}' starts it.")


def _written(run: Path, settings: Any, found: Any, out: Path) -> list[Path]:  # noqa: ANN401
    """Write the file of each group's run, and return where."""
    from fedtranslate.config.files import write_durably
    from fedtranslate.config.writing import toml_lines
    from fedtranslate.federation.coordinator.beginning import best_round
    from fedtranslate.federation.coordinator.grouping import group_settings

    options.check_folder(out)
    best, written = best_round(run), []
    for number, group in enumerate(found.groups, 1):
        own = group_settings(settings, number, settings.rounds, run, best)
        values = own.model_dump(mode="json", exclude_defaults=True) | {"sites": list(group)}
        path = out / f"{own.name}.toml"
        out.mkdir(parents=True, exist_ok=True)
        write_durably(path, f"[federation]\n{toml_lines(values)}".encode())
        written.append(path)
    return written


def _print_similarity(likeness: Mapping[str, Mapping[str, float]]) -> None:
    names = sorted(likeness)
    width = max(6, *map(len, names))
    click.echo(" " * (width + 2) + "  ".join(f"{name:>{width}}" for name in names))
    for one in names:
        row = "  ".join(f"{likeness[one][other]:>{width}.3f}" for other in names)
        click.echo(f"{one:<{width}}  {row}")


def run_groups(
    file: Any,  # noqa: ANN401 - a FederationFile; imported late
    out: Path,
    *,
    into: int | None,
    shared_rounds: int,
    deployed: bool,
    as_json: bool,
) -> None:
    """Run ``file`` in groups below the folder ``out``, and print what came of it."""
    quiet_libraries()
    from fedtranslate.experiments.comparison import open_sites
    from fedtranslate.experiments.groups import place_of, simulate_groups

    options.check_folder(out)
    runtime: dict[str, Any] = {}
    if deployed:
        from fedtranslate.federation.flower.deployment import run_deployed

        runtime["runtime"] = run_deployed
    with stages() as shown:
        shown("read the sites' pairs", 0, 1)
        place = place_of(open_sites(file), out)
        shown("read the sites' pairs", 1, 1)

        def on_event(run: str, event: Any) -> None:  # noqa: ANN401
            if event.kind in ("left-out", "failed"):
                shown.say(f"{run}: {event.text}")
            shown(f"rounds of {run}", max(event.round, 0), file.run.rounds)

        parted = simulate_groups(
            file,
            place,
            into=into,
            shared_rounds=shared_rounds,
            on_event=on_event,
            **runtime,
        )
    _print_parted(parted, as_json=as_json)


def _print_parted(parted: Any, *, as_json: bool) -> None:  # noqa: ANN401 - a Parted
    from fedtranslate.experiments.groups import site_losses

    shared = parted.shared
    before = site_losses(shared.folder, shared.best_round) if shared else {}
    sites = {
        site: {"group": number, "shared_loss": before.get(site), "loss": group.losses().get(site)}
        for number, group in enumerate(parted.groups, 1)
        for site in group.sites
    }
    if as_json:
        document = {
            "shared": _as_json(shared) if shared else None,
            "similarity": parted.similarity,
            "groups": [{"sites": group.sites, **_as_json(group.result)} for group in parted.groups],
            "missing": parted.missing,
            "sites": dict(sorted(sites.items())),
        }
        click.echo(json.dumps(document, indent=2))
        return
    if parted.similarity:
        click.echo(f"Likeness of the sites' updates in round {shared.rounds}:")
        _print_similarity(parted.similarity)
    for number, group in enumerate(parted.groups, 1):
        told = f"best round {group.result.best_round}, kept in {group.result.folder}"
        click.echo(f"Group {number}: {', '.join(group.sites)} ({told})")
    if parted.missing:
        click.echo(f"In no group: {', '.join(parted.missing)}")
    click.echo("Validation loss of each site, after the rounds of all and with its group:")
    width = max(map(len, sites))
    for site, known in sorted(sites.items()):
        losses = "  ".join(_loss(known[key]) for key in ("shared_loss", "loss"))
        click.echo(f"{site:<{width}}  {losses}  group {known['group']}")


def _loss(loss: float | None) -> str:
    return "     -" if loss is None else f"{loss:.4f}"


def _as_json(result: Any) -> dict[str, Any]:  # noqa: ANN401 - a RunResult
    from math import isfinite

    return {
        "folder": str(result.folder),
        "rounds": result.rounds,
        "best_round": result.best_round,
        "checksum": result.checksum,
        "validation": [loss if isfinite(loss) else None for loss in result.validation],
    }

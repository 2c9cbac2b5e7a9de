"""A federation in groups on one machine: run it, and print how well each site does."""

import json
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.groups import print_similarity
from fedtranslate.cli.progress import quiet_libraries, stages


def run_groups(
    file: Any,  # noqa: ANN401 - a FederationFile; imported late
    out: Path,
    *,
    into: int | None,
    shared_rounds: int,
    keep_a: bool,
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
            keep_a=keep_a,
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
        print_similarity(parted.similarity)
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

"""A federation in groups on one machine: run it, and print how well each site does."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.groups import (
    COMPARED,
    print_parts,
    print_similarity,
    print_wanted,
    told_receivers,
)
from fedtranslate.cli.progress import quiet_libraries, stages
from fedtranslate.cli.simulating import read_sites, runtime_of

_HEADS = ("own, rounds of all", "own, with its group", "everyone's", "group")


def run_groups(
    file: Any,  # noqa: ANN401 - a FederationFile; imported late
    out: Path,
    *,
    into: Any,  # noqa: ANN401 - int, Peers or None
    shared_rounds: int,
    by: Any,  # noqa: ANN401 - a By
    keep_a: bool,
    deployed: bool,
    as_json: bool,
) -> None:
    """Run ``file`` in groups below the folder ``out``, and print what came of it."""
    quiet_libraries()
    from fedtranslate.experiments.groups import (
        check_parting,
        losses_everywhere,
        place_of,
        simulate_groups,
    )

    check_parting(file, into=into, shared_rounds=shared_rounds, keep_a=keep_a, by=by)
    options.check_folder(out)
    with stages() as shown:
        sites = read_sites(file, shown)

        def on_event(run: str, event: Any) -> None:  # noqa: ANN401
            if event.kind in ("left-out", "contribution", "failed"):
                shown.say(f"{run}: {event.text}")
            shown(f"rounds of {run}", max(event.round, 0), file.run.rounds)

        parted = simulate_groups(
            file,
            place_of(sites, out),
            into=into,
            shared_rounds=shared_rounds,
            keep_a=keep_a,
            by=by,
            on_event=on_event,
            runtime=runtime_of(deployed=deployed),
        )
        everywhere: dict[str, dict[str, float]] = {}
        for number, group in enumerate(parted.groups):
            shown("measure on everyone's code", number, len(parted.groups))
            everywhere |= losses_everywhere(group, sites)
        shown("measure on everyone's code", len(parted.groups), len(parted.groups))
    _print_parted(parted, everywhere, by, into, as_json=as_json)


def _print_parted(
    parted: Any,  # noqa: ANN401 - a Parted
    everywhere: Mapping[str, Mapping[str, float]],
    by: str,
    into: Any,  # noqa: ANN401 - int, Peers or None
    *,
    as_json: bool,
) -> None:
    shared, sites = parted.shared, _by_site(parted, everywhere)
    if as_json:
        document = {
            "shared": _as_json(shared) if shared else None,
            "by": by,
            "similarity": parted.similarity,
            "groups": [
                {"sites": group.sites, "serves": group.serves, **_as_json(group.result)}
                for group in parted.groups
            ],
            "missing": parted.missing,
            "sites": sites,
        }
        click.echo(json.dumps(document, indent=2))
        return
    if parted.similarity:
        click.echo(f"{COMPARED[by]} in round {shared.rounds}:")
        print_similarity(parted.similarity)
    has_peers = any(group.serves != group.sites for group in parted.groups)
    for number, group in enumerate(parted.groups, 1):
        told = f"best round {group.result.best_round}, kept in {group.result.folder}"
        whose = told_receivers(group.serves if has_peers else ())
        click.echo(f"Group {number}: {', '.join(group.sites)}{whose} ({told})")
    if parted.missing:
        click.echo(f"In no group: {', '.join(parted.missing)}")
    if has_peers:
        print_parts(group.sites for group in parted.groups)
    else:
        print_wanted(len(parted.groups), into)
    click.echo(
        "Validation loss of each site's adapter, on its own code and on everyone's, where all"
    )
    click.echo(
        "sites weigh alike. The rounds of all are fewer: --groups 1 is what to compare with."
    )
    width = max(map(len, sites))
    click.echo("  ".join([" " * width, *_HEADS]))
    for site, known in sites.items():
        losses = [
            f"{_loss(known[key]):>{len(head)}}"
            for key, head in zip(("shared_loss", "loss", "everyones_loss"), _HEADS, strict=False)
        ]
        click.echo("  ".join([f"{site:<{width}}", *losses, f"{known['group']:>{len(_HEADS[-1])}}"]))


def _by_site(
    parted: Any,  # noqa: ANN401 - a Parted
    everywhere: Mapping[str, Mapping[str, float]],
) -> dict[str, dict[str, Any]]:
    """Return how well each site does, by name."""
    from fedtranslate.experiments.groups import site_losses

    shared = parted.shared
    before = site_losses(shared.folder, shared.best_round) if shared else {}
    sites = {
        site: {
            "group": number,
            "shared_loss": before.get(site),
            "loss": group.losses().get(site),
            "everyones_loss": fmean(found) if (found := everywhere[site].values()) else None,
        }
        for number, group in enumerate(parted.groups, 1)
        for site in group.serves
    }
    return dict(sorted(sites.items()))


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

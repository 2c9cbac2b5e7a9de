"""``fedtranslate coordinator up | down | status``: the programs of a coordinator."""

import json
from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.coordinatorsites import minute
from fedtranslate.cli.folders import COORDINATOR
from fedtranslate.cli.progress import quiet_libraries

_READY_SECONDS = 90.0


@click.command()
@COORDINATOR.option
@click.option("--foreground", is_flag=True, help="Stay in the foreground, as for systemd.")
def up(folder: Path, foreground: bool) -> None:
    """Start the coordinator, and keep its programs alive.

    \b
    Example:
        fedtranslate coordinator up
    """
    quiet_libraries()
    from fedtranslate.config.coordinator import read_coordinator
    from fedtranslate.federation.service.coordinator import coordinator_place, is_ready, serve
    from fedtranslate.federation.supervision.standing import start_detached

    place = coordinator_place(folder)
    settings = read_coordinator(place.settings)
    if foreground:
        serve(place, lambda sentence: click.echo(sentence, err=True))
        return
    start_detached(
        ["-m", "fedtranslate.federation.service", "coordinator", str(place.root)],
        place.state,
        place.logs / "service.log",
        lambda: is_ready(place, settings),
        _READY_SECONDS,
    )
    click.echo(f"The coordinator of {settings.federation} is up.")
    click.echo(f"Sites reach it at https://{settings.names[0]}:{settings.port}")
    click.echo(f"Status page: {_page_address(settings)}")


@click.command()
@COORDINATOR.option
def down(folder: Path) -> None:
    """End the coordinator's programs; runs go on where they were after the next start.

    \b
    Example:
        fedtranslate coordinator down
    """
    from fedtranslate.federation.service.coordinator import coordinator_place
    from fedtranslate.federation.supervision.standing import end

    was_up = end(coordinator_place(folder.resolve()).state)
    click.echo("The coordinator is down." if was_up else "The coordinator was not up.")


@click.command()
@COORDINATOR.option
@options.as_json
def status(folder: Path, as_json: bool) -> None:
    """Tell which programs run, who is connected, and how runs stand.

    Exit code 1 if something that should run does not.

    \b
    Example:
        fedtranslate coordinator status --json
    """
    quiet_libraries()
    from fedtranslate.federation.service.coordinator import coordinator_place
    from fedtranslate.federation.service.report import coordinator_report

    report = coordinator_report(coordinator_place(folder))
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    if not report["ready"]:
        raise SystemExit(1)


def _print(report: dict[str, Any]) -> None:
    state = "up" if report["ready"] else "not ready" if report["programs"] else "down"
    click.echo(f"{report['federation']}: {state}")
    for one in report["programs"]:
        restarts = f", started {one['restarts'] + 1} times" if one["restarts"] else ""
        click.echo(f"  {one['name']:<18} {one['state']}{restarts}")
    for site in report["sites"]:
        seen = f", last seen {minute(site['seen'])}" if site["seen"] else ""
        online = ", online" if site["online"] else seen
        click.echo(f"  site {site['name']:<13} {site['state']}{online}")
    for run in report["runs"]:
        reason = f": {run['reason']}" if run["reason"] else ""
        click.echo(
            f"  run {run['name']:<14} {run['state']}, round {run['last_round']} of"
            f" {run['rounds']}{reason}"
        )


def _page_address(settings: Any) -> str:  # noqa: ANN401 - CoordinatorSettings
    scheme = "http" if settings.page_address in ("127.0.0.1", "localhost", "::1") else "https"
    return f"{scheme}://{settings.page_address}:{settings.page_port}"

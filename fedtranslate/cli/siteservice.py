"""``fedtranslate site up | down``: the programs of a site."""

from pathlib import Path
from typing import Any

import click

from fedtranslate.cli.folders import SITE
from fedtranslate.cli.progress import quiet_libraries
from fedtranslate.cli.siteoptions import clock, known_place

_READY_SECONDS = 120.0
_PARTS = ("both", "network", "data")
part_option = click.option(
    "--part",
    type=click.Choice(_PARTS),
    default="both",
    show_default=True,
    help="Run the program with the network, or that with the data, as a user of its own.",
)


@click.command()
@SITE.option
@part_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="On loopback, where both parts find each other; needed when they are started apart.",
)
@click.option("--foreground", is_flag=True, help="Stay in the foreground, as for systemd.")
def up(folder: Path, part: str, port: int, foreground: bool) -> None:
    """Start the site: it connects, and works on what its policy allows.

    The command returns when it is connected; its programs go on in the background until 'down'.

    \b
    Example:
        fedtranslate site up
    """
    quiet_libraries()
    from fedtranslate.federation.service.site import Part, damages, is_ready, serve, state_folder
    from fedtranslate.federation.site.enrolment.joining import finish_rotation, joined
    from fedtranslate.federation.site.place import SitePlace
    from fedtranslate.federation.supervision.standing import start_detached

    place, chosen = SitePlace(folder.resolve()), Part(part)
    if chosen is not Part.BOTH and not port:
        raise click.UsageError(f"--part {part} needs --port: the other part must know it, too.")
    enrolment = joined(place)
    if chosen is not Part.DATA:
        finish_rotation(place, clock)
    if foreground:
        _warn(damages(place), folder)
        serve(place, enrolment, chosen, port)
        return
    if chosen is not Part.DATA:
        _check_membership(place)
    start_detached(
        ["-m", "fedtranslate.federation.service", "site", str(place.root), part, str(port)],
        state_folder(place, chosen),
        place.logs / "service.log",
        lambda: is_ready(place, chosen),
        _READY_SECONDS,
    )
    click.echo(f"The site {enrolment.site} is up, connected to {enrolment.endpoint}.")
    _warn(damages(place), folder)


def _warn(damages: list[str], folder: Path) -> None:
    for damage in damages:
        click.echo(f"Warning: {SITE.completed(damage, folder)}", err=True)


def _check_membership(place: Any) -> None:  # noqa: ANN401 - SitePlace
    """Refuse to start a site that its coordinator does not let in.

    Raises:
        FederationError: The coordinator has not approved it, or no more.
    """
    from fedtranslate.errors import FederationError
    from fedtranslate.federation.membership.requests import State
    from fedtranslate.federation.site.enrolment.door import DoorRefusedError
    from fedtranslate.federation.site.enrolment.joining import joined, status

    try:
        known, _ = status(place, clock)
    except DoorRefusedError:
        raise
    except FederationError:
        known = joined(place)  # it cannot be asked now; the programs go on trying
    if known.state is not State.APPROVED:
        waits = known.state is State.PENDING
        raise FederationError(
            f"The membership of {known.site} is {known.state}, so the coordinator lets nothing in.",
            hint=f"Ask {known.contact or known.organisation} to approve it."
            if waits
            else "Join again with a new invite.",
        )


@click.command()
@SITE.option
@part_option
def down(folder: Path, part: str) -> None:
    """End the site's programs; its membership stays.

    \b
    Example:
        fedtranslate site down
    """
    from fedtranslate.federation.service.site import Part, state_folder
    from fedtranslate.federation.supervision.standing import end

    was_up = end(state_folder(known_place(folder.resolve()), Part(part)))
    click.echo("The site is down." if was_up else "The site was not up.")

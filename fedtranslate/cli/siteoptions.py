"""What the commands of a site share: the clock, and asking for consent."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fedtranslate.federation.site.place import SitePlace


def clock() -> int:
    """Return the seconds since 1970."""
    return int(time.time())


def known_place(folder: Path) -> "SitePlace":
    """Return the place of a site that has joined, or has left something there.

    Raises:
        FederationError: The folder is no site's.
    """
    from fedtranslate.federation.site.enrolment.joining import joined
    from fedtranslate.federation.site.place import SitePlace

    place = SitePlace(folder)
    if not any(path.exists() for path in (place.membership, place.settings, place.ledger)):
        joined(place)
    return place


def is_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty()


def ask_consent(question: str, *, yes: bool) -> None:
    """Ask for consent, unless it was given on the command line.

    Raises:
        click.UsageError: Nobody can be asked.
        SystemExit: It was not given.
    """
    if yes:
        return
    if not is_terminal():
        raise click.UsageError(
            "This needs your consent, and there is no terminal to ask at: add --yes to give it."
        )
    if not click.confirm(question, err=True):
        click.echo("Nothing was done.", err=True)
        raise SystemExit(1)

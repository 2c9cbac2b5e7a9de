"""What replies are worth, as ``federate status`` and ``federate history`` tell it."""

from pathlib import Path
from typing import Any

import click


def contribution_values(run: Path, last_round: int) -> dict[str, Any] | None:
    """Return what the replies of the last round that asked for it were worth; None if none did."""
    from fedtranslate.federation.coordinator.worth import as_values, newest_contribution

    newest = newest_contribution(run, last_round)
    if newest is None:
        return None
    number, found = newest
    return {"round": number, **as_values(found), "caution": found.caution()}


def print_contribution(run: Path, last_round: int) -> None:
    """Print the same, a line for each site, with the warning that belongs to it."""
    from fedtranslate.federation.coordinator.worth import WARNING, newest_contribution

    if (newest := newest_contribution(run, last_round)) is None:
        return
    number, found = newest
    click.echo(f"  round {number:>3}: {found.summary()}")
    for site in sorted(found.worth):
        click.echo(f"    {site}: {found.short(site)}")
    if caution := found.caution():
        click.echo(f"    {caution}")
    if found.worth:
        click.echo(f"    {WARNING}")

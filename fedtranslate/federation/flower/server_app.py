"""The coordinator's app: rounds over a Flower Grid, with the journal in a folder.

Where that folder is, the coordinator's own machine says, never the run configuration, which
all sites can read: ``run-folder`` of the node configuration, or the environment variable
FEDTRANSLATE_RUN_FOLDER, or FEDTRANSLATE_COORDINATOR, which names the folder of a coordinator.
With the last, nodes must be registered members, and the best adapter is published in the end.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch
from flwr.app import Context
from flwr.serverapp import Grid, ServerApp
from flwr.superlink.grid.http_grid import HttpGrid

from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Journal
from fedtranslate.federation.coordinator.members import Member, Members
from fedtranslate.federation.coordinator.orders import check_wish, status_of
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.releasing import Publisher
from fedtranslate.federation.coordinator.rounds import conduct
from fedtranslate.federation.coordinator.withdrawing import withdrawals
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.programs import (
    BOUND_VARIABLE,
    FOLDER_VARIABLE,
    PLACE_VARIABLE,
)
from fedtranslate.federation.flower.receiving import Receiver
from fedtranslate.federation.flower.sites import FlowerSites
from fedtranslate.federation.flower.thrift import be_thrifty
from fedtranslate.federation.settings import read_flat
from fedtranslate.federation.supervision.processes import end_with_parent

app = ServerApp()


@app.main()  # type: ignore[untyped-decorator]
def main(grid: Grid, context: Context) -> None:
    """Conduct the run of this context to its end."""
    compat.check_version()
    be_thrifty()
    if os.environ.get(BOUND_VARIABLE):
        end_with_parent()
    settings, names = read_flat(context.run_config)
    torch.set_num_threads(settings.threads)
    place = _place()
    journal = Journal(_run_folder(context, settings, place), _now)
    journal.folder.mkdir(parents=True, exist_ok=True)
    carrier = Receiver(grid, journal.folder) if isinstance(grid, HttpGrid) else grid
    if place is None:
        conduct(settings, names, FlowerSites(carrier, settings, aside=journal.folder), journal)
        return
    sites = FlowerSites(
        carrier,
        settings,
        lambda: _members(place),
        withdrawn=lambda: withdrawals(place),
        aside=journal.folder,
        check=lambda: check_wish(journal.folder, context.run_id),
    )
    publisher = Publisher(place, _now)
    if status_of(journal.folder).get("state") == "completed":
        with journal.locked():
            publisher.offer_again(settings, names, sites, journal)
        return

    def finish(present: Sequence[str]) -> None:
        publisher.release_best(settings, names, present, sites, journal)

    conduct(settings, names, sites, journal, finish=finish, is_kept=True)


def _run_folder(context: Context, settings: RunSettings, place: CoordinatorPlace | None) -> Path:
    if folder := context.node_config.get("run-folder"):
        return Path(str(folder))
    if folder := os.environ.get(FOLDER_VARIABLE):
        return Path(folder)
    if place is not None:
        return place.run(settings.name)
    raise FederationError(
        "The coordinator does not know where to keep its runs.",
        hint=f"Set the environment variable {PLACE_VARIABLE} to a coordinator's folder.",
    )


def _place() -> CoordinatorPlace | None:
    """Return the coordinator's folder; None where there is none, as on one machine."""
    root = os.environ.get(PLACE_VARIABLE)
    return CoordinatorPlace(Path(root)) if root and not os.environ.get(FOLDER_VARIABLE) else None


def _members(place: CoordinatorPlace) -> Sequence[Member]:
    with Members(place.members) as members:
        return members.all()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

"""Offer releases to sites that were away when they were published, and tell of withdrawn ones.

The app of a run that is completed is started once more: it offers the run's release to those that
have not answered yet, or tells those that have it that it was withdrawn, and does nothing else.
The run stays completed, whatever comes of that.  After it was stopped, nothing is offered any more;
that a release was withdrawn is told all the same.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from fedtranslate.federation.coordinator.offers import Offers, read_offers
from fedtranslate.federation.coordinator.orders import Order, status_of, write_order
from fedtranslate.federation.flower.control import Link
from fedtranslate.federation.service.runs import each_order, is_at_work
from fedtranslate.federation.settings import flatten

_PAUSE_SECONDS = 600
"""Between two starts: a site that comes and goes shall not keep the coordinator busy."""


def offer_to_latecomers(link: Link, runs: Path, now: int, online: Collection[str]) -> list[str]:
    """Look once for sites that are back, and return what was done, a sentence each.

    Args:
        link: To the coordinator's SuperLink.
        runs: Folder of all runs.
        now: Seconds since 1970.
        online: Names of the sites that are connected.

    Raises:
        FederationError: The SuperLink does not answer.
    """
    done = []
    for folder, order in each_order(runs):
        if order.wish == "offer":
            _ended(link, folder, order, now)
        elif (offers := _open_offers(folder, order, now)) is not None:
            receivers = order.settings.receivers(order.sites)
            late = [name for name in offers.missing(receivers) if name in online]
            if late:
                _started(link, folder, order, now)
                what = "told to be withdrawn" if offers.is_withdrawn else "offered"
                run, who = order.settings.name, ", ".join(late)
                done.append(f"The release of the run {run} is {what} to {who}, too.")
    return done


def _open_offers(folder: Path, order: Order, now: int) -> Offers | None:
    """Return the offer of a completed run, if its time has come."""
    is_free = order.wish in ("nothing", "stop")
    is_time = is_free and now - order.started >= _PAUSE_SECONDS
    if not is_time or status_of(folder).get("state") != "completed":
        return None
    offers = read_offers(folder)
    return offers if offers is None or order.wish == "nothing" or offers.is_withdrawn else None


def _started(link: Link, folder: Path, order: Order, now: int) -> None:
    # Before it has a number: a crash in between leaves an order that is over.
    order = replace(order, wish="offer", flower=0, started=now)
    write_order(folder, order)
    write_order(folder, replace(order, flower=link.start(flatten(order.settings, order.sites))))


def _ended(link: Link, folder: Path, order: Order, now: int) -> None:
    run = link.run(order.flower)
    if is_at_work(run, folder, now - order.started, has_begun=False):
        return
    if run is not None:
        link.stop(order.flower)
    write_order(folder, replace(order, wish="nothing"))

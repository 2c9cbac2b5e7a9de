"""Start runs at a coordinator, stop them, and start them again when their processes died.

Flower does not start an app again that was killed, and calls a run finished whose app gave up.
Here a run goes on from its journal until it is completed, has failed for a reason of its own, such
as too few valid replies, or is stopped.  One whose sites are away waits for them.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from fedtranslate.config.federation import RunSettings
from fedtranslate.config.files import locked
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Journal, round_folder
from fedtranslate.federation.coordinator.offers import read_offers
from fedtranslate.federation.coordinator.orders import (
    ORDER_FILE,
    STOP_FILE,
    Order,
    last_round,
    orders,
    read_order,
    run_folders,
    status_of,
    write_order,
)
from fedtranslate.federation.coordinator.worth import CONTRIBUTION_FILE
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.control import FlowerRun, Link
from fedtranslate.federation.settings import check_receivers, flatten

_LOCK = ".order"
"""Held while an order is looked at and changed: commands and the service do so side by side."""
_AT_WORK = ("go on", "offer")
"""Wishes of runs for which an app may be at work."""
_GRACE_SECONDS = 45
"""How long after its start an app is not looked for; one whose lock is free then has died."""
_BEGIN_SECONDS = compat.BEGIN_SECONDS + 15
"""The same while it has given no sign of life yet."""
_AWAY_DAYS = 7
"""How long a run waits for its sites."""


def start_run(
    link: Link, runs: Path, settings: RunSettings, sites: tuple[str, ...], now: int
) -> Order:
    """Start a run, or let one of the same name and settings go on.

    Args:
        link: To the coordinator's SuperLink.
        runs: Folder of all runs.
        settings: Of the run.
        sites: Names of the sites that take part.
        now: Seconds since 1970.

    Raises:
        FederationError: It runs already, is completed, or the name is that of another run.
    """
    folder = runs / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / _LOCK):
        return _begun(link, folder, settings, sites, now)


def _begun(
    link: Link, folder: Path, settings: RunSettings, sites: tuple[str, ...], now: int
) -> Order:
    Journal(folder, str).check(settings)
    kept = read_order(folder) if (folder / ORDER_FILE).exists() else None
    if kept is not None:
        if kept.wish == "go on" and not _is_over(link.run(kept.flower)):
            raise FederationError(
                f"The run {settings.name} is at work already.",
                hint=f"'fedtranslate federate status {settings.name}' tells how far it is.",
            )
        # Before its first round is finished, nothing has come of the sites that it had.
        has_rounds = last_round(folder) > 0
        if has_rounds and sites and set(sites) != set(kept.sites):
            raise FederationError(
                f"The run {settings.name} began with the sites {', '.join(kept.sites)}.",
                hint="Give the run another name to have other sites in it.",
            )
        sites = kept.sites if has_rounds else sites or kept.sites
    check_receivers(settings, sites)
    if settings.robust != "none" or settings.contribution != "none":
        # Late, since they load the arithmetic.
        from fedtranslate.federation.coordinator.contribution import check_coalitions
        from fedtranslate.federation.coordinator.enough import Need

        Need.of(settings, len(sites))
        check_coalitions(settings, len(sites))
    if status_of(folder).get("state") == "completed" and last_round(folder) >= settings.rounds:
        raise _completed(folder, settings)
    if settings.begins_with and not (round_folder(folder, 0) / "round.json").exists():
        # Late, since it loads the arithmetic; the sites' part is checked when they are there.
        from fedtranslate.federation.coordinator.beginning import find_beginning

        find_beginning(settings, folder.parent)
    if kept is not None and kept.wish == "offer":
        link.stop(kept.flower)
    return _started(link, folder, Order(settings, sites), now)


def _completed(folder: Path, settings: RunSettings) -> FederationError:
    last = last_round(folder)
    weighed = (round_folder(folder, last) / CONTRIBUTION_FILE).exists()
    if settings.contribution == "none" or weighed:
        return FederationError(
            f"The run {settings.name} is completed.",
            hint="Ask for more rounds to let it go on, or give the run another name.",
        )
    return FederationError(
        f"The run {settings.name} is completed, and replies are not kept: what those to round"
        f" {last} were worth cannot be found out any more.",
        hint=f"'--rounds {last + 1}' of 'fedtranslate federate start' adds a round whose replies"
        " are weighed up.",
    )


def resume_run(link: Link, folder: Path, now: int) -> Order:
    """Let a run go on that was stopped or has failed.

    Of one that is completed, the sites that have not answered are offered the release again.

    Raises:
        FederationError: There is no such run, or it needs no resuming.
    """
    order = read_order(folder)
    if order.wish == "stop" and status_of(folder).get("state") == "completed":
        with locked(folder / _LOCK):
            order = replace(read_order(folder), wish="nothing")
            write_order(folder, order)
            return order
    return start_run(link, folder.parent, order.settings, order.sites, now)


def stop_run(link: Link | None, folder: Path) -> None:
    """Stop a run; what it has done is kept, and it can be resumed.

    One whose release is at the gates of its sites leaves that as it is: offered, not published.
    Of one that is completed, no more sites are offered the release.

    Args:
        link: To the SuperLink; None where that does not run.
        folder: Of the run.

    Raises:
        FederationError: There is no such run, or it is not at work.
    """
    with locked(folder / _LOCK):
        order = read_order(folder)
        if order.wish not in _AT_WORK and not _has_open_offer(folder, order):
            raise FederationError(f"The run {order.settings.name} is not at work.")
        _stopped(link, folder, order)


def _has_open_offer(folder: Path, order: Order) -> bool:
    """Tell whether sites that were away are still to be offered the release of a run."""
    offers = read_offers(folder) if order.wish == "nothing" else None
    return offers is not None and not offers.is_withdrawn and bool(offers.missing(order.sites))


def _stopped(link: Link | None, folder: Path, order: Order) -> None:
    # First, so that nobody starts it again.
    write_order(folder, replace(order, wish="stop"))
    if link is not None:
        link.stop(order.flower)


def keep_runs(link: Link, runs: Path, now: int, online: Collection[str] = ()) -> list[str]:
    """Look after all runs once, and return what was done, a sentence each.

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
        if (folder / STOP_FILE).exists() and order.wish in _AT_WORK:
            _stopped(link, folder, order)
            done.append(f"The run {order.settings.name} was stopped on request.")
        elif order.wish == "go on" and (told := _kept(link, folder, order, now, online)):
            done.append(told)
        (folder / STOP_FILE).unlink(missing_ok=True)
    return done


def each_order(runs: Path) -> Iterator[tuple[Path, Order]]:
    """Yield the folder and the order of each run in turn; nobody else changes it meanwhile.

    Orders that are damaged are passed over.
    """
    for folder, _ in orders(runs):
        with locked(folder / _LOCK):
            try:
                order = read_order(folder)
            except FederationError:
                continue  # it was damaged this moment
            yield folder, order


def _kept(link: Link, folder: Path, order: Order, now: int, online: Collection[str]) -> str:
    """Look after one run that shall go on; return what was done, or nothing."""
    name, state = order.settings.name, status_of(folder).get("state")
    if state in ("completed", "failed"):
        if _is_locked(folder):
            return ""
        # Flower may not have noticed yet that its app is about to end.
        write_order(folder, replace(order, wish="nothing"))
        return f"The run {name} has {'ended' if state == 'failed' else 'been completed'}."
    run = link.run(order.flower)
    if is_at_work(run, folder, now - order.started, has_begun=state != "ordered"):
        return ""
    if state == "waiting":
        if len(set(order.sites) & set(online)) < _wanted(folder, order):
            return _waited(folder, order, now)
        order = replace(order, attempts=0)  # it was no fault of the run
    if run is not None:
        link.stop(order.flower)
    elif not order.flower:
        _stop_orphans(link, folder.parent)
    done = last_round(folder)
    if order.is_hopeless(done):
        reason = f"It was started {order.attempts} times and did not get beyond round {done}."
        details = run.details if run is not None else ""
        if state == "ordered":
            details = (
                f"Its app did not begin within {compat.BEGIN_SECONDS:.0f} s: the machine may be too"
                f" slow or too busy; coordinator-apps.log tells more. {details}"
            )
        Journal(folder, str).set_status("failed", f"{reason} {details}".rstrip())
        write_order(folder, replace(order, wish="nothing"))
        return f"The run {name} has failed. {reason}"
    _started(link, folder, order, now)
    why = "enough of its sites are there" if state == "waiting" else "its app had ended"
    return f"The run {name} goes on after round {done}; {why}."


def _wanted(folder: Path, order: Order) -> int:
    """Return how many sites have to be there before a waiting run goes on."""
    quorum = order.settings.quorum_of(len(order.sites))
    told = status_of(folder).get("wanted")
    return min(max(quorum, told), len(order.sites)) if isinstance(told, int) else quorum


def _waited(folder: Path, order: Order, now: int) -> str:
    """Give a run up whose sites have been away for too long; return that, or nothing."""
    if now - order.started < _AWAY_DAYS * 86_400:
        return ""
    name = order.settings.name
    reason = (
        f"Too few of its sites were connected for {_AWAY_DAYS} days."
        f" 'fedtranslate federate resume {name}' lets it go on."
    )
    Journal(folder, str).set_status("failed", reason)
    write_order(folder, replace(order, wish="nothing"))
    return f"The run {name} has failed. {reason}"


def _stop_orphans(link: Link, runs: Path) -> None:
    """Stop runs that no order names: their start was cut off before it could be noted.

    Not while another start is under way, whose run has no name yet either; nor while an order is
    damaged, which may name one.
    """
    known = [order for _, order in orders(runs)]
    numbers = [order.flower for order in known if order.wish in ("go on", "offer")]
    if numbers.count(0) > 1 or len(known) < len(run_folders(runs)):
        return
    for number, run in link.runs().items():
        if not _is_over(run) and number not in numbers:
            link.stop(number)


def _started(link: Link, folder: Path, order: Order, now: int) -> Order:
    # Before the run has a number: a crash in between starts it anew.
    write_order(folder, replace(order, flower=0, started=now, wish="go on"))
    # What an earlier start came to is no news of this one.
    Journal(folder, str).set_status("ordered")
    number = link.start(flatten(order.settings, order.sites))
    started = order.restarted(number, last_round(folder), now)
    write_order(folder, started)
    return started


def is_at_work(
    run: FlowerRun | None, folder: Path, seconds: float, *, has_begun: bool = True
) -> bool:
    """Tell whether the app of a run may be alive.

    Args:
        run: As the SuperLink sees it, which may be late.
        folder: Of the run.
        seconds: Since it was started.
        has_begun: Whether it has given a sign of life.
    """
    grace = _GRACE_SECONDS if has_begun else _BEGIN_SECONDS
    return not _is_over(run) and (seconds < grace or _is_locked(folder))


def _is_over(run: FlowerRun | None) -> bool:
    return run is None or run.state == "finished"


def _is_locked(folder: Path) -> bool:
    try:
        with Journal(folder, str).locked():
            return False
    except FederationError:
        return True

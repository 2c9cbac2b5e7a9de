"""What was ordered of a coordinator: which runs, for which sites, and whether they shall go on.

    RUN/order.json    beside the journal of the run

The journal tells how far a run came; the order, which survives the run's processes, tells
whether somebody still wants it to go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from fedtranslate.config.federation import RunSettings
from fedtranslate.config.reading import validate
from fedtranslate.errors import ConfigError, FederationError, RunStoppedError
from fedtranslate.federation.coordinator.journal import (
    EVENTS_FILE,
    RUN_FILE,
    STATUS_FILE,
    read_json,
    write_json,
)
from fedtranslate.federation.coordinator.offers import OFFERS_FILE, read_offers

ORDER_FILE = "order.json"
STOP_FILE = "stop-requested"
"""Put into a run's folder by those who may not speak to the SuperLink, to have it stopped."""
_MAX_ATTEMPTS = 5
Wish = Literal["go on", "stop", "offer", "nothing"]


@dataclass(frozen=True, slots=True)
class Order:
    """A run that somebody ordered."""

    settings: RunSettings
    sites: tuple[str, ...]
    wish: Wish = "go on"
    """``nothing`` once the run has ended by itself; ``offer`` while the app of a completed run
    offers its release again."""
    flower: int = 0
    """Number of the run at the SuperLink; 0 before it was started there."""
    attempts: int = 0
    """Starts since the last round that was finished."""
    since_round: int = 0
    """The last round when ``attempts`` was counted."""
    started: int = 0
    """When it was last started, in seconds since 1970."""

    def restarted(self, flower: int, last_round: int, now: int) -> "Order":
        """Return the order with one more start."""
        attempts = self.attempts + 1 if last_round == self.since_round else 1
        return replace(
            self,
            wish="go on",
            flower=flower,
            attempts=attempts,
            since_round=last_round,
            started=now,
        )

    def is_hopeless(self, last_round: int) -> bool:
        """Tell whether it was started often enough without coming any further."""
        return last_round == self.since_round and self.attempts >= _MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands."""

    name: str
    state: str
    """ordered, running, waiting, interrupted, stopped, completed or failed; unknown where
    files are damaged."""
    reason: str
    """Why it failed, waits, was interrupted or is unknown, in a sentence; else empty."""
    last_round: int
    """The last that is finished; 0 before the first."""
    rounds: int
    sites: tuple[str, ...]


def write_order(folder: Path, order: Order) -> None:
    """Keep the order of the run in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / ORDER_FILE,
        {
            "settings": order.settings.model_dump(mode="json"),
            "sites": list(order.sites),
            "wish": order.wish,
            "flower": order.flower,
            "attempts": order.attempts,
            "since_round": order.since_round,
            "started": order.started,
        },
    )


def read_order(folder: Path) -> Order:
    """Return the order of the run in ``folder``.

    Raises:
        FederationError: There is none, or it is damaged.
    """
    path = folder / ORDER_FILE
    hint = (
        "Put back a copy; or delete it and start the run anew with the settings that it began"
        " with: it goes on after its last round."
    )
    try:
        values = read_json(path)
        settings = validate(RunSettings, values.pop("settings"), str(path))
        return Order(settings, tuple(values.pop("sites")), **values)
    except FederationError as error:
        raise FederationError(str(error), hint=hint) from None
    except (KeyError, TypeError, AttributeError, ConfigError):
        raise FederationError(f"{path} is damaged.", hint=hint) from None


def check_wish(folder: Path, number: int) -> None:
    """Refuse to go on where the run was stopped, or was started again as another one.

    An order that is damaged ends nothing.

    Args:
        folder: Of the run.
        number: Of the run at the SuperLink, for which somebody is at work.

    Raises:
        RunStoppedError: Nobody wants that work any more.
    """
    try:
        order = read_order(folder)
    except FederationError:
        return
    if order.wish == "stop" or order.flower not in (0, number):
        raise RunStoppedError("It was stopped.")


def run_folders(runs: Path) -> list[Path]:
    """Return the folders of all runs, by name, with those whose files are damaged or gone."""
    files = (ORDER_FILE, RUN_FILE, EVENTS_FILE)
    return sorted({path.parent for name in files for path in runs.glob(f"*/{name}")})


def orders(runs: Path) -> Iterator[tuple[Path, Order]]:
    """Yield all runs that were ordered, by name; damaged orders are passed over."""
    for folder in run_folders(runs):
        try:
            yield folder, read_order(folder)
        except FederationError:
            continue


def states(runs: Path) -> list[RunState]:
    """Return how all runs stand, by name; of one whose order is damaged, that it is."""
    found = []
    for folder in run_folders(runs):
        try:
            found.append(state_of(folder))
        except FederationError as error:
            found.append(RunState(folder.name, "unknown", str(error), last_round(folder), 0, ()))
    return found


def state_of(folder: Path) -> RunState:
    """Return how the run in ``folder`` stands, by its order and its journal.

    Raises:
        FederationError: There is no order, or it is damaged.
    """
    order = read_order(folder)
    status = status_of(folder)
    state, reason = str(status.get("state", "ordered")), str(status.get("reason", ""))
    if not status and last_round(folder):
        state = "unknown"
        reason = (
            f"{folder / STATUS_FILE} is missing or damaged."
            f" 'fedtranslate federate resume {order.settings.name}' lets the run go on."
        )
    if order.wish == "stop" and state != "completed":
        state, reason = "stopped", ""
    return RunState(
        order.settings.name, state, reason, last_round(folder), order.settings.rounds, order.sites
    )


def damages(folder: Path) -> list[str]:
    """Return what is wrong with the files of a run that its state does not tell: sentences."""
    found = []
    for name in (STATUS_FILE, RUN_FILE):
        if (folder / name).exists():
            try:
                read_json(folder / name)
            except FederationError as error:
                found.append(str(error))
    if (folder / OFFERS_FILE).exists() and read_offers(folder) is None:
        found.append(
            f"{folder / OFFERS_FILE} is damaged, so sites that were away are not offered the"
            " release, and it is not told to be withdrawn."
        )
    return found


def status_of(folder: Path) -> dict[str, Any]:
    """Return what the journal says of a run; nothing before it began."""
    try:
        return read_json(folder / STATUS_FILE)
    except FederationError:
        return {}


def last_round(folder: Path) -> int:
    """Return the last round that the journal in ``folder`` has."""
    found = (path.parent.name.removeprefix("round-") for path in folder.glob("round-*/round.json"))
    return max((int(number) for number in found if number.isdecimal()), default=0)


def has_begun(folder: Path) -> bool:
    """Tell whether the app of a run has written anything yet."""
    return (folder / EVENTS_FILE).exists()

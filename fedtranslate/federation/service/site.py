"""The service of a site: one program with the network and the key, one with data and model.

They speak over loopback with a shared secret, so they can be two users of the operating system:
the first need not be able to read code, the second needs no network.
"""

import os
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from fedtranslate.config.federation import read_site
from fedtranslate.errors import ConfigError
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.flower.programs import data_program, environment, network_program
from fedtranslate.federation.site.enrolment.joining import (
    has_executor_secret,
    make_executor_secret,
)
from fedtranslate.federation.site.enrolment.kept import Enrolment
from fedtranslate.federation.site.ledger import Ledger
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.supervision.processes import free_ports
from fedtranslate.federation.supervision.standing import STANDING_FILE, is_up, read_standing
from fedtranslate.federation.supervision.supervisor import Program, Supervisor

TRAINER_VARIABLE = "FEDTRANSLATE_TRAINER"
"""Names another trade for this site, written ``package.module:function``."""
_TICK_SECONDS = 60.0
_CONNECTED = b"SuperNode ID"
_TAIL_BYTES = 65_536


class Part(StrEnum):
    """What of a site's service runs here."""

    BOTH = "both"
    NETWORK = "network"
    DATA = "data"


def serve(place: SitePlace, enrolment: Enrolment, part: Part, port: int) -> None:
    """Run the service until this process is told to end.

    Args:
        place: The site's folder.
        enrolment: Its membership.
        part: Which of its programs run here.
        port: On loopback, where both find each other; 0 takes any, if both run here.

    Raises:
        FederationError: It runs already.
    """
    compat.check_version()
    if part is Part.BOTH:  # two users have one that was given to both
        make_executor_secret(place)
    log = place.logs / f"{Part.NETWORK}.log"

    def put_aside() -> None:
        if part is not Part.DATA and log.exists():
            log.replace(log.with_suffix(".log.1"))  # what it says of an earlier connection is over

    programs = service_programs(place, enrolment, part, port or free_ports(1)[0])
    supervisor = Supervisor(programs, state_folder(place, part), place.logs)
    supervisor.run(lambda: None, every_seconds=_TICK_SECONDS, first=put_aside)


def service_programs(
    place: SitePlace, enrolment: Enrolment, part: Part, port: int
) -> tuple[Program, ...]:
    """Return the programs of a site."""
    common = environment(state_folder(place, part) / "flower")
    config = {"site": enrolment.site, "site-file": str(place.settings.resolve())}
    if trainer := os.environ.get(TRAINER_VARIABLE):
        config["trainer"] = trainer
    network = network_program(
        Part.NETWORK,
        urlsplit(enrolment.endpoint).netloc,
        port,
        place.executor_secret,
        config,
        authority=place.ca_certificate,
        key=place.key,
    )
    # The bundle of this installation, not one that the coordinator names.
    data = data_program(Part.DATA, port, place.executor_secret, [bundle()[1]])
    chosen = [one for one in (network, data) if part in (Part.BOTH, one.name)]
    return tuple(Program(one.name, one.argv, {**common, **one.environment}) for one in chosen)


def _of_ledger(place: SitePlace) -> str:
    """Return what is wrong with the ledger; nothing where it belongs to another user."""
    try:
        problem = Ledger(place.ledger).verify().problem
    except PermissionError:
        return ""
    except OSError as error:
        return f"{place.ledger} cannot be read: {error.strerror or error}."
    return f"{problem} 'fedtranslate site log --verify' tells more." if problem else ""


def damages(place: SitePlace) -> list[str]:
    """Return what is wrong with the files that the programs of a member need, each a sentence."""
    found = []
    try:
        read_site(place.settings)
    except ConfigError as error:
        found.append(str(error))
    if not has_executor_secret(place):
        found.append(
            f"{place.executor_secret} is missing or damaged; where both parts run together,"
            " 'fedtranslate site up' makes a new one."
        )
    if problem := _of_ledger(place):
        found.append(f"The list of what left the site is not as it was written: {problem}")
    for part in Part:
        state = state_folder(place, part)
        if state.is_dir() and is_up(state) and read_standing(state) is None:
            found.append(
                f"{state / STANDING_FILE} is missing or damaged, so it cannot be told which"
                " programs run; end the process that holds the lock beside it, and start anew."
            )
    return found


def state_folder(place: SitePlace, part: Part) -> Path:
    """Return where the supervisor of a part keeps its state: each part has its own."""
    return place.state if part is Part.BOTH else place.state / part


def is_ready(place: SitePlace, part: Part) -> bool:
    """Tell whether the programs run and the site is connected to its coordinator.

    A part counts as it runs, by itself or together with the other.
    """
    wanted = {Part.NETWORK, Part.DATA} if part is Part.BOTH else {part}
    if not wanted <= running_parts(place):
        return False
    return part is Part.DATA or _is_connected(place.logs / f"{Part.NETWORK}.log")


def running_parts(place: SitePlace) -> set[Part]:
    """Return which programs of a site run here."""
    standings = (read_standing(state_folder(place, part)) for part in Part)
    programs = [one for standing in standings if standing for one in standing.programs]
    return {Part(one.name) for one in programs if one.is_alive()}


def _is_connected(log: Path) -> bool:
    """Tell whether the network program says that it was let in, since it was last started."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            said = file.read()
    except OSError:
        return False
    return _CONNECTED in said.rpartition(b"Starting Flower SuperNode")[2]

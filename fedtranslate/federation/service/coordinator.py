"""The service of a coordinator: SuperLink, its apps, the door, the status page; and what it does.

Every few seconds the SuperLink is told which sites are members, and runs whose processes died are
started again.
"""

import json
import os
import pwd
import shutil
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from fedtranslate.config.coordinator import CoordinatorSettings, read_coordinator
from fedtranslate.config.files import write_durably
from fedtranslate.errors import ConfigError, FederationError
from fedtranslate.federation.coordinator.members import Members
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.flower.control import Link, SilentLinkError, pem
from fedtranslate.federation.flower.programs import (
    BOUND_VARIABLE,
    PLACE_VARIABLE,
    SUPERLINK,
    Tls,
    coordinator_programs,
    environment,
)
from fedtranslate.federation.gateway.nginx import nginx_configuration, nginx_folder
from fedtranslate.federation.membership.requests import PATH, State
from fedtranslate.federation.service.latecomers import offer_to_latecomers
from fedtranslate.federation.service.linkdatabase import LinkDatabase, put_damaged_aside
from fedtranslate.federation.service.runs import keep_runs
from fedtranslate.federation.supervision.supervisor import Program, Supervisor

_HOST = "127.0.0.1"
_TICK_SECONDS = 2.0
_GATEWAY = "fedtranslate.federation.gateway"
_PAGE = "fedtranslate.status"


def serve(place: CoordinatorPlace, say: Callable[[str], None]) -> None:
    """Run the service until this process is told to end.

    Args:
        place: The coordinator's folder.
        say: Is told what was done.

    Raises:
        FederationError: It runs already.
        ConfigError: Its folder is not in order.
    """
    compat.check_version()
    settings = read_coordinator(place.settings)
    programs = service_programs(place, settings)
    place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(place.bundle_hash, bundle()[1].encode())
    told = _Once(say)
    supervisor = Supervisor(programs, place.state, place.logs)
    database = LinkDatabase(
        place.link_database, lambda meanwhile: supervisor.restart(SUPERLINK, meanwhile)
    )

    def first() -> None:
        if found := put_damaged_aside(place.link_database):
            told.always(found)

    with open_link(place, settings) as link:

        def tick() -> None:
            answers = _look_after(link, place, told)
            if done := database.look(answers=answers, now=time.monotonic()):
                told.always(done)

        supervisor.run(tick, every_seconds=_TICK_SECONDS, first=first)


def service_programs(place: CoordinatorPlace, settings: CoordinatorSettings) -> list[Program]:
    """Return the programs of a coordinator, in the order in which they are started."""
    common = environment(place.state / "flower")
    told = {PLACE_VARIABLE: str(place.root), BOUND_VARIABLE: "1"}
    tls = Tls(place.ca_certificate, place.server_certificate, place.server_key)
    flower = coordinator_programs(
        settings.link_port, place.apps_secret, place.link_database, told, tls
    )
    page = Program("status-page", (sys.executable, "-m", _PAGE, str(place.root)))
    return [
        Program(one.name, one.argv, {**common, **one.environment})
        for one in (*flower, *_door(place, settings), page)
    ]


def open_link(place: CoordinatorPlace, settings: CoordinatorSettings) -> Link:
    """Return the control interface of the coordinator's SuperLink."""
    return Link(f"{_HOST}:{settings.link_port}", place.ca_certificate)


def is_ready(place: CoordinatorPlace, settings: CoordinatorSettings) -> bool:
    """Tell whether the SuperLink and the door answer."""
    with open_link(place, settings) as link:
        return link.is_healthy() and door_answers(place, settings)


def door_answers(place: CoordinatorPlace, settings: CoordinatorSettings) -> bool:
    """Tell whether the door answers, with a certificate of this coordinator."""
    trusted = ssl.create_default_context(cafile=str(place.ca_certificate))
    host = _HOST if settings.address == "0.0.0.0" else settings.address  # noqa: S104 - compared
    try:
        with httpx.Client(verify=trusted, trust_env=False, timeout=5.0) as client:
            reply = client.get(f"https://{host}:{settings.port}{PATH}/health")
    except httpx.HTTPError:
        return False
    return reply.status_code == httpx.codes.OK


def introduce_members(link: Link, members: Members) -> tuple[list[str], list[str]]:
    """Let exactly the approved sites in at the SuperLink.

    Returns:
        The names of those connected, and a sentence for each that cannot be let in: the others do
        not wait for it.

    Only the service does this: two that did it at once would take each other's nodes for strangers,
    and a key that was unregistered is never let in again.

    Raises:
        FederationError: The SuperLink does not answer.
    """
    nodes = {node.public_key: node for node in link.nodes()}
    known, problems = set(), []
    for member in members.all():
        if member.state is State.APPROVED:
            found = nodes.get(pem(member.public_key))
            try:
                number = found.number if found else link.register(member.public_key, member.name)
            except FederationError as error:
                problems.append(_not_let_in(member.name, error))
                continue
            known.add(number)
            if number != member.node:
                members.note_node(member.name, number, member.public_key)
    retired = {number for _, number in members.retired()}
    strangers = {node.number for node in nodes.values()} - known
    for number in sorted(retired | strangers):
        link.unregister(number)
        members.forget_retired(number)
    online = {node.number for node in nodes.values() if node.is_online}
    return [one.name for one in members.all() if one.node in online], problems


def _not_let_in(name: str, error: FederationError) -> str:
    return (
        f"Site {name} cannot be let in: {error} If its key was in use before,"
        " 'fedtranslate site rotate' there gives it a new one; if that is refused,"
        f" 'coordinator revoke {name}' and invite it again."
    )


def _look_after(link: Link, place: CoordinatorPlace, say: "_Once") -> bool:
    """Do what there is to do; tell whether the SuperLink was of use."""
    try:
        with Members(place.members) as members:
            online, problems = introduce_members(link, members)
            members.note_seen(online, int(time.time()))
        # For the status page.
        about = {"time": int(time.time()), "sites": online}
        write_durably(place.online, json.dumps(about).encode())
        now = int(time.time())
        for look in (keep_runs, offer_to_latecomers):
            for sentence in look(link, place.runs, now, online):
                say.always(sentence)
        say(" ".join(problems))
    except FederationError as error:
        say(str(error))
        return not isinstance(error, SilentLinkError)
    except OSError as error:  # a full disk ends no service
        say(f"{error.filename or place.root}: {error.strerror or error}.")
    return True


class _Once:
    """Says what is new: the same trouble every two seconds is said once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = ""

    def __call__(self, sentence: str) -> None:
        if sentence and sentence != self._last:
            self._say(sentence)
        self._last = sentence

    def always(self, sentence: str) -> None:
        self._say(sentence)


def _door(place: CoordinatorPlace, settings: CoordinatorSettings) -> list[Program]:
    """Return what listens for sites: our gateway, or nginx with it behind."""
    gateway = [sys.executable, "-m", _GATEWAY, str(place.root)]
    nginx = _nginx(settings)
    if nginx is None:
        return [Program("door", tuple(gateway))]
    folder = nginx_folder(place)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = folder / "nginx.conf"
    # Started by root, it would work as another user, who can read nothing here.
    user = "" if os.geteuid() else pwd.getpwuid(0).pw_name
    configuration.write_text(nginx_configuration(settings, place, user), "utf-8")
    return [
        Program("gateway", (*gateway, "--behind")),
        Program("door", (nginx, "-c", str(configuration.resolve()), "-g", "daemon off;")),
    ]


def _nginx(settings: CoordinatorSettings) -> str | None:
    if settings.door == "own":
        return None
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None and settings.door == "nginx":
        raise ConfigError(
            "coordinator.toml asks for nginx, but there is none.",
            hint="Install it (Debian: apt-get install nginx-light), or set door to own.",
        )
    return found


def coordinator_place(root: Path) -> CoordinatorPlace:
    """Return the place of the coordinator in ``root``.

    Raises:
        ConfigError: There is none.
    """
    place = CoordinatorPlace(root.resolve())
    if not place.settings.exists():
        raise ConfigError(
            f"There is no coordinator in {root}.",
            hint="'fedtranslate coordinator init' makes one; name its folder with --dir.",
        )
    return place

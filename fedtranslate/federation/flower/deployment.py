"""Run a federation as separate processes on loopback: a SuperLink, and a SuperNode per site.

The same ServerApp and ClientApp as in ``local``, through real sockets: what the tests of a
deployment, and a first look at one, need.  Process isolation with a shared secret, so that no
other local user can pose as an app.  There is no encryption: nothing leaves this machine.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fedtranslate.config.federation import FederationFile
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Event
from fedtranslate.federation.coordinator.result import RunResult, read_result
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.flower.control import Link
from fedtranslate.federation.flower.following import Follower
from fedtranslate.federation.flower.programs import (
    BOUND_VARIABLE,
    FOLDER_VARIABLE,
    coordinator_programs,
    data_program,
    environment,
    network_program,
)
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.settings import flatten
from fedtranslate.federation.supervision.processes import Processes, free_ports
from fedtranslate.federation.supervision.supervisor import Program

_START_SECONDS = 60.0
_HOST = "127.0.0.1"


def run_deployed(
    federation: FederationFile,
    run_folder: Path,
    *,
    on_event: Callable[[Event], None] | None = None,
    trainer: str | None = None,
) -> RunResult:
    """Do what ``run_local`` does, with a process for every part.

    Args:
        federation: The run and its sites, all on this machine.
        run_folder: Of this run; the programs' logs are in its folder ``logs``.
        on_event: Is told what happens.
        trainer: Another trade for all sites, written ``package.module:function``.

    Raises:
        FederationError: A program does not start, or the run fails.
    """
    compat.check_version()
    run_folder = run_folder.resolve()
    follower = Follower(run_folder, on_event)
    with (
        tempfile.TemporaryDirectory(prefix="fedtranslate-") as scratch,
        Processes(run_folder / "logs", environment(Path(scratch) / "home")) as processes,
    ):
        port, *site_ports = free_ports(1 + len(federation.sites))
        told = {FOLDER_VARIABLE: str(run_folder), BOUND_VARIABLE: "1"}
        place = Path(scratch)
        secret = _new_secret(place / "coordinator.secret")
        programs = [*coordinator_programs(port, secret, place / "state.db", told, None)]
        for site, at in zip(federation.sites, site_ports, strict=True):
            secret = _new_secret(place / f"site-{site.name}.secret")
            config = node_config(run_folder, site, trainer, federation.run)
            programs += _site_programs(site.name, f"{_HOST}:{port}", at, secret, config)
        for program in programs:
            processes.start(program.name, program.argv, program.environment)
        link = Link(f"{_HOST}:{port}")
        _wait_until_healthy(link, processes)
        number = link.start(flatten(federation.run, tuple(site.name for site in federation.sites)))
        run = _Run(link, number, processes)
        follower.until(run.is_over, every_seconds=0.3)
        if run.problem:
            raise FederationError(f"The run failed: {run.problem}")
    return read_result(run_folder, federation.run.rounds)


class _Run:
    """A run at the SuperLink."""

    def __init__(self, link: Link, number: int, processes: Processes) -> None:
        self._link = link
        self._number = number
        self._processes = processes
        self.problem = ""

    def is_over(self) -> bool:
        """Tell whether the run has ended; ``problem`` then says how, if badly."""
        self._processes.check()
        run = self._link.run(self._number)
        if run is None or run.state != "finished":
            return False
        if run.ending != "completed":
            self.problem = run.details or self._processes.tail("coordinator-apps")
        return True


def _site_programs(
    name: str, link: str, port: int, secret: Path, config: dict[str, bool | int | float | str]
) -> Iterator[Program]:
    """Yield the SuperNode of a site and its executor."""
    yield network_program(f"site-{name}", link, port, secret, config, authority=None, key=None)
    yield data_program(f"site-{name}-executor", port, secret, [bundle()[1]])


def _new_secret(path: Path) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(32))
    return path


def _wait_until_healthy(link: Link, processes: Processes) -> None:
    end = time.monotonic() + _START_SECONDS
    while not link.is_healthy():
        processes.check()
        if time.monotonic() > end:
            raise FederationError(f"The SuperLink does not start:\n{processes.tail('superlink')}")
        time.sleep(0.2)

"""Run a federation as separate processes on loopback: a SuperLink, and a SuperNode per site.

The same ServerApp and ClientApp as in ``local``, through real sockets: what the tests of a
deployment, and a first look at one, need.  Process isolation with a shared secret, so that no
other local user can pose as an app.  There is no encryption: nothing leaves this machine.
"""

import secrets
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import ListRunsRequest, StartRunRequest
from flwr.supercore.control.control_http_client import ControlHttpClient
from flwr.supercore.fab import Fab
from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor

from fedtranslate.config.federation import FederationFile
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.journal import Event
from fedtranslate.federation.coordinator.result import RunResult, read_result
from fedtranslate.federation.flower import compat
from fedtranslate.federation.flower.bundle import bundle
from fedtranslate.federation.flower.following import Follower
from fedtranslate.federation.flower.processes import Processes, free_ports
from fedtranslate.federation.flower.server_app import BOUND_VARIABLE, FOLDER_VARIABLE
from fedtranslate.federation.flower.sitefiles import node_config
from fedtranslate.federation.settings import Scalar, flatten

_START_SECONDS = 60.0
_HOST = "127.0.0.1"
_KEYFILE_OPTION = "--superexec-auth-secret-file"
_EXECUTOR = "fedtranslate.federation.flower.executor"


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
    content, digest = bundle()
    with (
        tempfile.TemporaryDirectory(prefix="fedtranslate-") as scratch,
        Processes(run_folder / "logs", Path(scratch) / "home") as processes,
    ):
        link = _start_coordinator(processes, Path(scratch), run_folder)
        ports = free_ports(len(federation.sites))
        for site, port in zip(federation.sites, ports, strict=True):
            config = node_config(run_folder, site, trainer, federation.run)
            _start_site(processes, Path(scratch), site.name, config, link, port, digest)
        _wait_until_healthy(link, processes)
        run_config = flatten(federation.run, tuple(site.name for site in federation.sites))
        run = _Run(link, Fab(digest, content, {}), run_config)
        follower.until(lambda: run.is_over(processes), every_seconds=0.3)
        if run.problem:
            raise FederationError(f"The run failed: {run.problem}")
    return read_result(run_folder, federation.run.rounds)


class _Run:
    """A run at the SuperLink, started when this is made."""

    def __init__(self, link: str, fab: Fab, run_config: dict[str, Scalar]) -> None:
        self._client = ControlHttpClient.from_server_address(
            server_address=link,
            insecure=True,
            root_certificates=None,
            interceptors=[RuntimeVersionHttpInterceptor(component_name="flwr CLI")],
        )
        started = self._client.StartRun(
            StartRunRequest(
                fab=fab_to_proto(fab),
                override_config=user_config_to_proto(run_config),
                federation="",
            )
        )
        self._id = started.run_id
        self.problem = ""

    def is_over(self, processes: Processes) -> bool:
        """Tell whether the run has ended; ``problem`` then says how, if badly."""
        processes.check()
        run = self._client.ListRuns(ListRunsRequest(run_id=self._id)).run_dict[self._id]
        if run.status.status != "finished":
            return False
        if run.status.sub_status != "completed":
            details = run.status.details or processes.tail("coordinator-apps")
            self.problem = details.removeprefix("ServerApp failed with exception: ")
        return True


def _start_coordinator(processes: Processes, scratch: Path, run_folder: Path) -> str:
    """Start the SuperLink and the program that runs its apps; return its address."""
    (port,) = free_ports(1)
    link, secret = f"{_HOST}:{port}", _new_secret(scratch / "coordinator.secret")
    loopback = ["--host", _HOST, "--port", str(port)]
    guard = ["--isolation", "process", _KEYFILE_OPTION, secret]
    database = ["--database", str(scratch / "state.db")]
    processes.start("superlink", ["flower-superlink", "--insecure", *loopback, *guard, *database])
    apps = ["flower-superexec", "--insecure", "--runtime-api-address", link]
    told = {FOLDER_VARIABLE: str(run_folder), BOUND_VARIABLE: "1"}
    processes.start("coordinator-apps", [*apps, _KEYFILE_OPTION, secret], told)
    return link


def _start_site(
    processes: Processes,
    scratch: Path,
    name: str,
    config: dict[str, Scalar],
    link: str,
    port: int,
    digest: str,
) -> None:
    """Start the SuperNode of a site and its executor."""
    secret = _new_secret(scratch / f"site-{name}.secret")
    written = " ".join(f"{key}={_quoted(value)}" for key, value in config.items())
    loopback = ["--host", _HOST, "--port", str(port)]
    guard = ["--isolation", "process", _KEYFILE_OPTION, secret]
    node = ["flower-supernode", "--insecure", "--superlink", link, "--node-config", written]
    processes.start(f"site-{name}", [*node, *loopback, *guard])
    executor = [sys.executable, "-m", _EXECUTOR, f"{_HOST}:{port}", secret, digest]
    processes.start(f"site-{name}-executor", executor)


def _quoted(value: Scalar) -> str:
    text = str(value)
    if any(mark in text for mark in "\"'\\\n"):
        raise FederationError(f"Flower cannot pass on the text {text!r} to a site.")
    return f'"{text}"'


def _new_secret(path: Path) -> str:
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(32))
    return str(path)


def _wait_until_healthy(link: str, processes: Processes) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        processes.check()
        try:
            with urllib.request.urlopen(f"http://{link}/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            if time.monotonic() > end:
                tail = processes.tail("superlink")
                raise FederationError(f"The SuperLink does not start:\n{tail}") from None
        time.sleep(0.2)

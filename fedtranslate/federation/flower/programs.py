"""The command lines of Flower's programs, at a coordinator and at a site.

Always in process isolation with a shared secret, so that no other user of the machine can pose as
an app, and with telemetry, update checks and installations at run time switched off.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.errors import FederationError
from fedtranslate.federation.flower import QUIET
from fedtranslate.federation.settings import Scalar
from fedtranslate.federation.supervision.supervisor import Program

FOLDER_VARIABLE = "FEDTRANSLATE_RUN_FOLDER"
PLACE_VARIABLE = "FEDTRANSLATE_COORDINATOR"
BOUND_VARIABLE = "FEDTRANSLATE_BOUND"
"""Set where the app has a process of its own, which must not outlive what started it."""
SUPERLINK = "superlink"
"""Name of the program."""
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""Lets glibc give back what large messages took: by itself it raises this limit as it goes, and
keeps what is below.  Sites' programs compute, and are quicker with memory that is kept."""
_HOST = "127.0.0.1"
_KEYFILE_OPTION = "--superexec-auth-secret-file"
_LINK = "fedtranslate.federation.flower.link"
_NODE = "fedtranslate.federation.flower.node"
_EXECUTOR = "fedtranslate.federation.flower.executor"
_LOCAL = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of a SuperLink; where there are none, it must not leave this machine."""

    authority: Path
    certificate: Path
    key: Path


def environment(home: Path) -> dict[str, str]:
    """Return what every program gets besides the environment of this process.

    Args:
        home: Where Flower keeps its own files.
    """
    return {
        **QUIET,
        "FLWR_HOME": str(home),
        "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "1",
        "HF_HUB_OFFLINE": "1",
        # What goes to this machine must not go through a proxy.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _local_too()),
    }


def coordinator_programs(
    port: int, secret: Path, database: Path, told: Mapping[str, str], tls: Tls | None
) -> tuple[Program, Program]:
    """Return the SuperLink on loopback, and the program that runs its apps.

    Args:
        port: Of the SuperLink.
        secret: File that both share.
        database: Where the SuperLink keeps its state.
        told: Environment of the apps.
        tls: With it, only registered sites are let in.
    """
    link = [sys.executable, "-m", _LINK, "--host", _HOST, "--port", str(port), *_guard(secret)]
    link += ["--database", str(database)]
    apps = ["flower-superexec", "--runtime-api-address", f"{_HOST}:{port}"]
    apps += [_KEYFILE_OPTION, str(secret)]
    if tls is None:
        link.append("--insecure")
        apps.append("--insecure")
    else:
        link += ["--ssl-ca-certfile", str(tls.authority), "--ssl-certfile", str(tls.certificate)]
        link += ["--ssl-keyfile", str(tls.key), "--enable-supernode-auth"]
        apps += ["--root-certificates", str(tls.authority)]
    return (
        Program(SUPERLINK, tuple(link), _MEMORY),
        Program("coordinator-apps", tuple(apps), {**_MEMORY, **told}),
    )


def network_program(
    name: str,
    link: str,
    port: int,
    secret: Path,
    config: Mapping[str, Scalar],
    *,
    authority: Path | None,
    key: Path | None,
) -> Program:
    """Return the program at a site that has the network and the site's key, and no data.

    Args:
        name: Of the program.
        link: Host and port of the SuperLink, or of the door before it.
        port: On loopback, where the executor finds it.
        secret: File that it shares with the executor.
        config: What the site's app is told; all users of the machine can see it.
        authority: Certificate that the door's must be from; None speaks without TLS.
        key: Of the site; None where sites need none.
    """
    written = " ".join(f"{key}={_quoted(value)}" for key, value in config.items())
    argv = [sys.executable, "-m", _NODE, "--superlink", link, "--node-config", written]
    argv += ["--host", _HOST, "--port", str(port), *_guard(secret)]
    argv += ["--insecure"] if authority is None else ["--root-certificates", str(authority)]
    if key is not None:
        argv += ["--auth-supernode-private-key", str(key)]
    return Program(name, tuple(argv))


def data_program(name: str, port: int, secret: Path, bundles: Sequence[str]) -> Program:
    """Return the program at a site that has data and model, and no network but loopback.

    Args:
        name: Of the program.
        port: Of the network program.
        secret: File that it shares with that.
        bundles: SHA-256 of the bundles that may start runs.
    """
    argv = [sys.executable, "-m", _EXECUTOR, f"{_HOST}:{port}", str(secret), *bundles]
    return Program(name, tuple(argv))


def _guard(secret: Path) -> list[str]:
    return ["--isolation", "process", _KEYFILE_OPTION, str(secret)]


def _local_too() -> str:
    named = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    return f"{named},{_LOCAL}" if named else _LOCAL


def _quoted(value: Scalar) -> str:
    text = str(value)
    if any(mark in text for mark in "\"'\\\n"):
        raise FederationError(f"Flower cannot pass on the text {text!r} to a site.")
    return f'"{text}"'

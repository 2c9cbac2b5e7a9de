"""Doors that run: ours, and nginx with our enrolment behind it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from doors import Door, Upstream, new_coordinator, upstream_at, wait_for_port

from fedtranslate.federation.gateway.nginx import nginx_configuration, nginx_folder


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Our own door, with deadlines short enough to wait for."""
    opened = Door(*new_coordinator(tmp_path_factory.mktemp("own") / "coordinator"))
    opened.start(
        patch="from fedtranslate.federation.gateway import deadlines, exchange, enrolment, proxy\n"
        "deadlines.HEAD_SECONDS = 1\n"
        "exchange.PIECE_SECONDS = 2\n"
        "enrolment.FAILURES_FORGIVEN = 400\n"
    )
    yield opened
    opened.kill()


@pytest.fixture(scope="module")
def upstream(door: Door) -> Iterator[Upstream]:
    with upstream_at(door.place, door.settings) as running:
        yield running


@contextmanager
def nginx_at(root: Path) -> Iterator[Door]:
    """Run nginx in front of a new coordinator."""
    if (program := shutil.which("nginx")) is None:
        pytest.skip("nginx is not on this machine: apt-get install nginx-light")
    opened = Door(*new_coordinator(root))
    configured = write_configuration(opened)
    opened.start("--behind")
    process = subprocess.Popen([program, "-c", configured, "-g", "daemon off;"])
    try:
        wait_for_port(opened.settings.port, process)
        yield opened
    finally:
        process.terminate()
        process.wait(30)
        opened.kill()


@pytest.fixture(scope="module")
def nginx_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with nginx_at(tmp_path_factory.mktemp("nginx") / "coordinator") as opened:
        yield opened


@pytest.fixture
def fresh_nginx(tmp_path: Path) -> Iterator[Door]:
    """A door of nginx with nothing behind it."""
    with nginx_at(tmp_path / "coordinator") as opened:
        yield opened


@pytest.fixture(scope="module")
def nginx_upstream(nginx_door: Door) -> Iterator[Upstream]:
    with upstream_at(nginx_door.place, nginx_door.settings) as running:
        yield running


def write_configuration(door: Door) -> Path:
    folder = nginx_folder(door.place)
    folder.mkdir(parents=True, exist_ok=True)
    configured = folder / "nginx.conf"
    user = "root" if os.geteuid() == 0 else ""
    configured.write_text(nginx_configuration(door.settings, door.place, user))
    return configured


@pytest.fixture(params=["own", "nginx"])
def both(request: pytest.FixtureRequest) -> tuple[Door, Upstream]:
    """Return a door of each kind, and what stands behind it."""
    names = ("door", "upstream") if request.param == "own" else ("nginx_door", "nginx_upstream")
    opened, behind = (request.getfixturevalue(name) for name in names)
    behind.seen.clear()
    return opened, behind

"""What can happen to a federation: faults, each of which is made good by those who run it."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.reliability.deployment import COORDINATOR, Deployment, until
from benchmarks.reliability.surroundings import slowed, with_children
from benchmarks.reliability.wire import Line

DEADLINE_SECONDS = 60
"""Of a round: many times what it takes, and still no long wait for a site that is cut off."""
_SOON = 20.0
_OLDER = "import fedtranslate\n\nfedtranslate.__version__ = '0.0.9'\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens during a run."""

    name: str
    strike: Callable[[Deployment, Random], str]
    """Lets it happen; returns to whom it did, empty if nobody was there."""
    is_possible: Callable[[Deployment], bool] = lambda _: True
    """Whether it can happen on this machine."""


def _kill(part: str) -> Callable[[Deployment, Random], str]:
    """Kill one part; its supervisor is there to start it again."""

    def strike(federation: Deployment, rng: Random) -> str:
        who = f"{_whose(part, federation, rng)}/{part}"
        return who if federation.kill(who) else ""

    return strike


def _whose(part: str, federation: Deployment, rng: Random) -> str:
    return rng.choice(federation.sites) if part in ("network", "data") else "coordinator"


def _kill_service(least: float, most: float) -> Callable[[Deployment, Random], str]:
    """Kill a supervisor, and with it its programs; somebody starts it again after some seconds."""

    def strike(federation: Deployment, rng: Random) -> str:
        who = rng.choice(("coordinator", *federation.sites))
        if not federation.kill(f"{who}/service"):
            return ""
        time.sleep(rng.uniform(least, most))
        _started_again(federation, who)
        return f"{who}/service"

    return strike


def _reboot(federation: Deployment, rng: Random) -> str:
    """Kill everything at once, as a power cut does, and start it again in some order."""
    for part, pid in federation.programs().items():
        if pid:
            federation.kill(part)
    time.sleep(rng.uniform(0.5, 3.0))
    everybody = ["coordinator", *federation.sites]
    rng.shuffle(everybody)
    everybody.sort(key=lambda who: who != "coordinator")
    for who in everybody:
        _started_again(federation, who)
    return "all"


def _freeze(federation: Deployment, rng: Random) -> str:
    """Stop one part for some seconds without killing it, as an overloaded machine does."""
    who = rng.choice([part for part in federation.programs() if not part.endswith("/service")])
    if not federation.kill(who, signal.SIGSTOP):
        return ""
    time.sleep(rng.uniform(2.0, 12.0))
    federation.kill(who, signal.SIGCONT)
    return who


def _two(federation: Deployment, rng: Random) -> str:
    """Kill two parts at the same moment."""
    parts = [part for part in federation.programs() if not part.endswith("/service")]
    struck = rng.sample(sorted(parts), 2)
    return " and ".join(who for who in struck if federation.kill(who))


def _slow(federation: Deployment, rng: Random) -> str:
    """Let all programs of a site work a twentieth of the time, until the run has ended."""
    site = rng.choice(federation.sites)

    def processes() -> Iterator[int]:
        for part, pid in federation.programs().items():
            if part.startswith(f"{site}/") and pid:
                yield from with_children(pid)

    federation.until_calm.enter_context(slowed(processes, 20.0))
    return site


def _cut(federation: Deployment, rng: Random) -> str:
    """Cut the line to a site for a while: about a round."""
    site = rng.choice(federation.sites)
    _line(federation, site).is_whole = False
    time.sleep(rng.uniform(2.0, 30.0))
    _line(federation, site).is_whole = True
    return site


def _cut_for_good(federation: Deployment, rng: Random) -> str:
    """Cut the line to a site until the run has ended."""
    site = rng.choice(federation.sites)
    _line(federation, site).is_whole = False
    return site


def _bad_line(federation: Deployment, rng: Random) -> str:
    """Lose 5 % of a site's packets and delay them by 300 ms there and back, until the end."""
    site = rng.choice(federation.sites)
    line = _line(federation, site)
    line.loss, line.delay = 0.05, 0.15
    return site


def _full_disk(federation: Deployment, rng: Random) -> str:
    """Leave a party no room on its disk for a while."""
    folder = rng.choice((COORDINATOR, *federation.sites))
    assert federation.surroundings is not None
    federation.surroundings.fill(folder)
    time.sleep(rng.uniform(2.0, 15.0))
    federation.surroundings.clear(folder)
    return folder


def _old_version(federation: Deployment, rng: Random) -> str:
    """Let a site go on with an older version, until the run has ended."""
    folder = federation.root / "older"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_OLDER, "utf-8")
    path = os.pathsep.join([str(folder), *(path for path in sys.path if path)])
    return _goes_on_with(federation, rng, {"PYTHONPATH": path})


def _wrong_clock(federation: Deployment, rng: Random) -> str:
    """Let the clock of a site be an hour fast or slow, until the run has ended."""
    offset = rng.choice(("+1h", "-1h"))
    library = str(next(iter(_faketime())))
    own = {"LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return _goes_on_with(federation, rng, own)


def _no_database(federation: Deployment, rng: Random) -> str:
    """Take the SuperLink's database away, or spoil it, while it is in use."""
    database = federation.root / COORDINATOR / "superlink.db"
    if rng.random() < 0.5:
        database.unlink(missing_ok=True)
        return "coordinator: deleted"
    with suppress(OSError), database.open("r+b") as file:
        file.write(rng.randbytes(4096))
    return "coordinator: overwritten"


def _goes_on_with(federation: Deployment, rng: Random, own: Mapping[str, str]) -> str:
    site = rng.choice(federation.sites)

    def start(own: Mapping[str, str]) -> None:
        federation.run("site", "down", at=federation.place(site), may_fail=True)
        federation.own[site] = own
        _started_again(federation, site)

    start(own)
    federation.until_calm.callback(start, {})
    return site


def _faketime() -> Iterator[Path]:
    return Path("/usr/lib").glob("*/faketime/libfaketime.so.1")


def _has_surroundings(federation: Deployment) -> bool:
    return federation.surroundings is not None


def _line(federation: Deployment, site: str) -> Line:
    assert federation.surroundings is not None
    return federation.surroundings.lines[site]


def _started_again(federation: Deployment, who: str) -> None:
    """Start programs whose supervisor was killed; the old ones need a moment to end."""
    for _ in range(3):
        with suppress(RuntimeError):
            federation.up(who)
            return
    # A site is up without being connected while its coordinator is down; it goes on trying.
    until(lambda: f"{who}/service" in federation.programs(), _SOON)


FAULTS = (
    Fault("kill the SuperLink", _kill("superlink")),
    Fault("kill the program that runs apps", _kill("coordinator-apps")),
    Fault("kill the coordinator's app", _kill("app")),
    Fault("kill the door", _kill("door")),
    Fault("kill a site's network process", _kill("network")),
    Fault("kill a site's data process", _kill("data")),
    Fault("kill a supervisor, start it again within 10 s", _kill_service(0.5, 10.0)),
    Fault(
        "kill a supervisor, start it again after the deadline of a round",
        _kill_service(DEADLINE_SECONDS + 1.0, DEADLINE_SECONDS + 20.0),
    ),
    Fault("kill everything, start it again", _reboot),
    Fault("freeze a part for up to 12 s", _freeze),
    Fault("kill two parts at once", _two),
    Fault("slow a site down 20 times until the end", _slow),
    Fault("an older version at a site until the end", _old_version),
    Fault("a site's clock an hour off until the end", _wrong_clock, lambda _: any(_faketime())),
    Fault("delete or overwrite the SuperLink's database", _no_database),
    Fault("cut a site off for up to 30 s", _cut, _has_surroundings),
    Fault("cut a site off until the end", _cut_for_good, _has_surroundings),
    Fault("5 % loss and 300 ms until the end", _bad_line, _has_surroundings),
    Fault("a full disk for up to 15 s", _full_disk, _has_surroundings),
)

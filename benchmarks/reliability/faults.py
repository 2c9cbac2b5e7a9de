"""What can happen to a federation: faults, each of which is made good by those who run it."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from benchmarks.reliability.deployment import Deployment, until

_SOON = 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens during a run."""

    name: str
    strike: Callable[[Deployment, Random], str]
    """Lets it happen; returns to whom it did, empty if nobody was there."""


def _kill(part: str) -> Callable[[Deployment, Random], str]:
    """Kill one part; its supervisor is there to start it again."""

    def strike(federation: Deployment, rng: Random) -> str:
        who = f"{_whose(part, federation, rng)}/{part}"
        return who if federation.kill(who) else ""

    return strike


def _whose(part: str, federation: Deployment, rng: Random) -> str:
    return rng.choice(federation.sites) if part in ("network", "data") else "coordinator"


def _kill_service(federation: Deployment, rng: Random) -> str:
    """Kill a supervisor, and with it its programs; somebody starts it again."""
    who = rng.choice(("coordinator", *federation.sites))
    if not federation.kill(f"{who}/service"):
        return ""
    time.sleep(rng.uniform(0.5, 10.0))
    _started_again(federation, who)
    return f"{who}/service"


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
    Fault("kill a supervisor, start it again within 10 s", _kill_service),
    Fault("kill everything, start it again", _reboot),
    Fault("freeze a part for up to 12 s", _freeze),
    Fault("kill two parts at once", _two),
)

"""A real federation on this machine: what people type, and the processes that come of it.

TLS, registered keys, a coordinator and some sites, each with its own supervisor.  Only the trade is
one that takes no time.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.reliability import trade
from benchmarks.reliability.surroundings import Surroundings
from fedtranslate.config.federation import FederationFile, SiteSettings, read_run
from fedtranslate.federation.coordinator.orders import RunState, state_of
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.local import run_local
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.supervision.processes import free_ports
from fedtranslate.federation.supervision.standing import read_standing

_LOOK_SECONDS = 0.2
_APP = "flwr-serverapp"
COORDINATOR = "hub"
"""Name of the coordinator's folder."""
_RUN = """[federation]
name = "{name}"
source = "java"
target = "csharp"
rounds = {rounds}
steps = 4
threads = 1
round_seconds = {round_seconds}
join_seconds = {join_seconds}
seed = {seed}
{more}

[federation.lora]
rank = {rank}
alpha = 8.0
"""


class Deployment:
    """A federation below one folder.

    Args:
        root: Of everything.
        sites: Names of the sites.
        pairs: What the trade is told at each site.
        environment: Of all programs, besides that of this process; None takes a variable away.
        surroundings: Networks and disks of their own; None for those of this machine.
        own: What is different in the environment of some sites.
    """

    def __init__(
        self,
        root: Path,
        sites: Sequence[str],
        pairs: Callable[[int], str],
        environment: Mapping[str, str | None] | None = None,
        surroundings: Surroundings | None = None,
        own: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.root = root
        self.sites = tuple(sites)
        self.surroundings = surroundings
        self.until_calm = ExitStack()
        """Faults that last: it ends them."""
        self.hub = CoordinatorPlace(root / COORDINATOR)
        self._pairs = pairs
        self.own = dict(own or {})
        """What is different in the environment of some sites when they are started next."""
        wanted: dict[str, str | None] = {
            **os.environ,
            "FEDTRANSLATE_TRAINER": trade.NAME,
            "FEDTRANSLATE_POLL_SECONDS": "0.3",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **(environment or {}),
        }
        self.environment = {name: value for name, value in wanted.items() if value is not None}

    def place(self, site: str) -> SitePlace:
        """Return the folder of a site."""
        return SitePlace(self.root / site)

    def make(self) -> None:
        """Make coordinator and sites, and let the sites join."""
        self.found()
        for number, site in enumerate(self.sites):
            invite = self.invite(site)
            self.tell(site, self._pairs(number))
            self.run("site", "join", str(invite), "--yes", at=self.place(site))
            self.up(site)

    def found(self) -> None:
        """Make the coordinator, and start it."""
        ports = free_ports(4)
        names = ("--port", "--link-port", "--gateway-port", "--page-port")
        options = [part for pair in zip(names, map(str, ports), strict=True) for part in pair]
        if self.surroundings is not None:
            options += ["--name", self.surroundings.address, "--address", "0.0.0.0"]
        self.run(
            "coordinator", "init", str(self.hub.root), "--federation", "trial",
            "--organisation", "Trial", *options,
        )  # fmt: skip
        self.up("coordinator")

    def invite(self, site: str) -> Path:
        """Invite a site, approved from the beginning, and return the file with the invite."""
        invite = self.root / f"{site}.invite"
        self.run("coordinator", "invite", site, "--approve", "--to", str(invite), at=self.hub)
        return invite

    def tell(self, site: str, pairs: str) -> None:
        """Write the settings of a site, with what its trade is told; a run reads them anew."""
        place = self.place(site)
        place.root.mkdir(parents=True, exist_ok=True)
        place.settings.write_text(f'name = "{site}"\npairs = "{pairs}"\n', "utf-8")

    def up(self, who: str) -> None:
        """Start the programs of the coordinator or of a site."""
        if who == "coordinator":
            self.run("coordinator", "up", at=self.hub)
        else:
            self.run("site", "up", at=self.place(who))

    def calm(self) -> None:
        """End faults that last."""
        self.until_calm.close()
        if self.surroundings is not None:
            self.surroundings.mend()

    def down(self) -> None:
        """End everything."""
        self.calm()
        for site in self.sites:
            self.run("site", "down", at=self.place(site), may_fail=True)
        self.run("coordinator", "down", at=self.hub, may_fail=True)
        if self.surroundings is not None:
            self.surroundings.close()

    def start_run(self, name: str, *, rounds: int, seed: int = 0, **more: Any) -> None:  # noqa: ANN401
        """Start a run of this name."""
        settings = {"round_seconds": 120, "join_seconds": 120, "rank": 2, "more": "", **more}
        file = self.root / f"{name}.toml"
        file.write_text(_RUN.format(name=name, rounds=rounds, seed=seed, **settings), "utf-8")
        self.run("federate", "start", str(file), at=self.hub)

    def run_alone(self, name: str, pairs: Callable[[int], str]) -> RunResult:
        """Do a run that was started here once more: in this process, where nothing disturbs it.

        Args:
            name: Of the run.
            pairs: What the trade is told at each site.
        """
        settings, _ = read_run(self.root / f"{name}.toml")
        sites = [SiteSettings(name=site, pairs=pairs(n)) for n, site in enumerate(self.sites)]
        file = FederationFile(run=settings, sites=tuple(sites))
        return run_local(file, self.root / f"{name}-alone", trainer=trade.NAME)

    def wait_for(self, name: str, seconds: float, *also: str) -> RunState:
        """Return how a run ended; its state as it is if it does not end in time.

        Args:
            name: Of the run.
            seconds: That it has.
            also: States that end the waiting, besides those that end a run.
        """
        end = time.monotonic() + seconds
        while True:
            state = state_of(self.hub.run(name))
            if state.state in ("completed", "failed", "stopped", *also) or time.monotonic() > end:
                return state
            time.sleep(_LOOK_SECONDS)

    def programs(self) -> dict[str, int]:
        """Return the process of every part: ``coordinator/superlink``, ``ada/data`` and so on."""
        found = {}
        places = {"coordinator": self.hub.state}
        places |= {site: self.place(site).state for site in self.sites}
        for who, state in places.items():
            standing = read_standing(state)
            if standing is not None:
                found[f"{who}/service"] = standing.pid
                found |= {f"{who}/{one.name}": one.pid for one in standing.programs if one.pid}
        apps = found.get("coordinator/coordinator-apps", 0)
        with suppress(psutil.Error):
            for child in psutil.Process(apps).children() if apps else ():
                if any(_APP in part for part in child.cmdline()):
                    found["coordinator/app"] = child.pid
        return found

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> bool:
        """Send a signal to a part; tell whether it was there."""
        pid = self.programs().get(part, 0)
        try:
            if pid:
                os.kill(pid, number)
        except ProcessLookupError:
            return False
        return bool(pid)

    def run(
        self,
        *arguments: str,
        at: CoordinatorPlace | SitePlace | None = None,
        may_fail: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of fedtranslate as a user would."""
        where = [] if at is None else ["--dir", str(at.root)]
        site = at.root.name if isinstance(at, SitePlace) else ""
        before = self.surroundings.inside(site) if self.surroundings and site else []
        done = subprocess.run(
            [*before, sys.executable, "-m", "fedtranslate", *arguments, *where],
            env={**self.environment, **self.own.get(site, {})},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode and not may_fail:
            told = done.stderr or done.stdout
            raise RuntimeError(f"fedtranslate {' '.join(arguments)}: {told}")
        return done


def until(happens: Callable[[], object], seconds: float) -> bool:
    """Wait until something happens; tell whether it did in time."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_SECONDS)
    return True

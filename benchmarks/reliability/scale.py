"""Time rounds and weigh the coordinator by the number of sites, all on this machine.

    python -m benchmarks.reliability.scale [--rounds 5] [--counts 2,5,10,20,50]

Started again, it measures what is missing in results/reliability/scale.json.

A coordinator as it is, with TLS and registered keys; sites join one after another, and their
programs run as ``fleet`` tells.  The trade takes no time.  With all sites on the machine of the
coordinator, what a round takes is an upper bound: most of it is the sites' own work, which
elsewhere is done on their own machines, so the processor time of the coordinator is told apart.
"""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import click
import psutil

from benchmarks.record import record
from benchmarks.reliability.deployment import Deployment, until
from benchmarks.reliability.measuring import PRODUCT_PACE, completed, deployed, round_ends
from benchmarks.reliability.weighing import Scales, peak_sum, weight
from benchmarks.study import RESULTS
from fedtranslate.cli import main as fedtranslate
from fedtranslate.federation.coordinator.members import Members

COUNTS = (2, 5, 10, 20, 50)
_COORDINATOR = "coordinator/"
_IDLE_SECONDS = 20.0
_ONLINE_SECONDS = 300.0
_PATIENCE_SECONDS = 1_800.0


@click.command()
@click.option("--rounds", type=click.IntRange(2), default=5, show_default=True)
@click.option("--counts", default=",".join(map(str, COUNTS)), show_default=True)
def main(rounds: int, counts: str) -> None:
    """Time rounds by the number of sites."""
    rows = _known(rounds)
    wanted = sorted(set(map(int, counts.split(","))) - {row["sites"] for row in rows})
    with ExitStack() as stack:
        federation = stack.enter_context(deployed((), lambda _: "", PRODUCT_PACE))
        fleets: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, fleets)
        names: list[str] = []
        for count in wanted:
            new = [f"site{number:02}" for number in range(len(names), count)]
            for name in new:
                _join(federation, name)
            names += new
            fleets.append(_started(federation, new))
            _wait_for(federation, names)
            rows.append({"sites": count, **_measured(federation, fleets, names, rounds)})
            rows.sort(key=lambda row: row["sites"])
            print(f"{count} sites: {_told(rows[-1])}", flush=True)
            # What was measured counts even if more sites are too many for the machine.
            record("scale", {"rounds": rounds, "rows": rows}, "reliability")


def _known(rounds: int) -> list[dict[str, Any]]:
    """Return the rows that an earlier call measured in so many rounds; they count."""
    file = RESULTS / "reliability" / "scale.json"
    document = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return list(document["rows"]) if document.get("rounds") == rounds else []


def _join(federation: Deployment, site: str) -> None:
    """Let a site join, by the same commands as elsewhere, but in this process."""
    invite, place = federation.root / f"{site}.invite", federation.place(site)
    federation.tell(site, f"seed={int(site.removeprefix('site')) + 1}")
    hub = ["--dir", str(federation.hub.root)]
    _command("coordinator", "invite", site, "--approve", "--to", str(invite), *hub)
    _command("site", "join", str(invite), "--yes", "--dir", str(place.root))


def _command(*arguments: str) -> None:
    told = io.StringIO()
    try:
        with redirect_stdout(told), redirect_stderr(told):
            fedtranslate(list(arguments), standalone_mode=False)
    except SystemExit:
        raise click.ClickException(told.getvalue()) from None


def _started(federation: Deployment, sites: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the programs of sites once the SuperLink knows their keys."""
    until(lambda: _registered(federation) >= set(sites), _ONLINE_SECONDS)
    folders = [str(federation.place(site).root) for site in sites]
    argv = [sys.executable, "-m", "benchmarks.reliability.fleet", *folders]
    return subprocess.Popen(argv, env=federation.environment, stdin=subprocess.DEVNULL)


def _registered(federation: Deployment) -> set[str]:
    with Members(federation.hub.members) as members:
        return {one.name for one in members.all() if one.node}


def _wait_for(federation: Deployment, sites: Sequence[str]) -> None:
    if not until(lambda: set(sites) <= _online(federation.hub.online), _ONLINE_SECONDS):
        missing = sorted(set(sites) - _online(federation.hub.online))
        raise click.ClickException(f"Not connected: {', '.join(missing)}.")


def _online(file: Path) -> set[str]:
    with suppress(OSError, ValueError):
        return set(json.loads(file.read_bytes())["sites"])
    return set()


def _measured(
    federation: Deployment,
    fleets: Sequence[subprocess.Popen[bytes]],
    sites: Sequence[str],
    rounds: int,
) -> dict[str, Any]:
    """Let all rest for a while, then do a run; return what both took."""
    programs = _coordinators(federation).values()
    before = _processor(programs)
    time.sleep(_IDLE_SECONDS)
    idle = (_processor(programs) - before) / _IDLE_SECONDS
    name, load = f"for-{len(sites)}", os.getloadavg()[0]
    start = time.time()
    meter = _Meter(federation)
    with Scales(meter.programs) as scales:
        federation.start_run(name, rounds=rounds, round_seconds=600)
        ends = round_ends(completed(federation, name, _PATIENCE_SECONDS), rounds)
        whole = time.time() - start
    children = [one for fleet in fleets for one in psutil.Process(fleet.pid).children()]
    weighed = [one for one in (weight(child.pid) for child in children) if one is not None]
    return {
        "seconds": [later - earlier for earlier, later in pairwise(ends)],
        "begin_seconds": ends[0] - start,
        "whole_seconds": whole,
        "coordinator_seconds": meter.between(ends[0], ends[-1]) / rounds,
        "coordinator_idle": idle,
        "coordinator_mib": peak_sum(scales.samples, _COORDINATOR),
        "sites_mib": sum(pss for _, pss in weighed),
        "site_programs": len(weighed),
        "load": load,
    }


class _Meter:
    """Notes now and then what processor time the coordinator's programs have taken so far."""

    def __init__(self, federation: Deployment) -> None:
        self._federation = federation
        self.noted: list[tuple[float, float]] = []

    def programs(self) -> dict[str, int]:
        """Return the programs, after a note."""
        found = _coordinators(self._federation)
        self.noted.append((time.time(), _processor(found.values())))
        return found

    def between(self, start: float, end: float) -> float:
        """Return the processor seconds of a time in which no program ended."""
        first = min(self.noted, key=lambda one: abs(one[0] - start))
        last = min(self.noted, key=lambda one: abs(one[0] - end))
        return (last[1] - first[1]) * (end - start) / (last[0] - first[0])


def _coordinators(federation: Deployment) -> dict[str, int]:
    found = federation.programs()
    return {part: pid for part, pid in found.items() if part.startswith(_COORDINATOR)}


def _processor(programs: Iterable[int]) -> float:
    """Return the processor seconds that programs have taken since they were started."""
    total = 0.0
    for pid in programs:
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system
    return total


def _end(fleets: Sequence[subprocess.Popen[bytes]]) -> None:
    for fleet in fleets:
        fleet.terminate()
        fleet.wait()


def _told(row: dict[str, Any]) -> str:
    return (
        f"{median(row['seconds']):.1f} s a round, {row['coordinator_seconds']:.2f} s of processor"
        f" at the coordinator, {row['coordinator_mib']:.0f} MiB there, {row['sites_mib']:.0f} MiB"
        f" of {row['site_programs']} programs of sites"
    )


if __name__ == "__main__":
    main()

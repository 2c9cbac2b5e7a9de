"""Time what a new organisation waits, from an invite in hand to a site that is ready.

    python -m benchmarks.reliability.joining [--times 5]

Two commands, ``site join INVITE --yes`` and ``site up``; the site is ready once ``site status``
says that it is approved and both its programs run, and that the one with the network is connected.
Installation is not in it, nor is what the trade loads when a run begins.
"""

import json
import os
import time
from statistics import median
from typing import Any

import click

from benchmarks.record import record
from benchmarks.reliability.deployment import Deployment
from benchmarks.reliability.measuring import PRODUCT_PACE, deployed

LIMIT_SECONDS = 60
_PATIENCE_SECONDS = 120.0


@click.command()
@click.option("--times", type=click.IntRange(1), default=5, show_default=True)
def main(times: int) -> None:
    """Time how a new organisation joins."""
    load = os.getloadavg()[0]
    with deployed((), lambda _: "", PRODUCT_PACE) as federation:
        joined = [_joined(federation, f"org{number}") for number in range(times)]
    seconds = [sum(one.values()) for one in joined]
    values = {"steps": joined, "seconds": seconds, "limit": LIMIT_SECONDS, "load": load}
    record("joining", values, "reliability")
    print(f"{median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})")


def _joined(federation: Deployment, site: str) -> dict[str, float]:
    """Let a site join, and return the seconds of each step; the site is ended again."""
    invite, place = federation.invite(site), federation.place(site)
    pairs = str(federation.root / "seed=1")
    steps: dict[str, float] = {}
    start = time.perf_counter()
    federation.run("site", "join", str(invite), "--pairs", pairs, "--yes", at=place)
    steps["join"] = time.perf_counter() - start
    start = time.perf_counter()
    federation.run("site", "up", at=place)
    steps["up"] = time.perf_counter() - start
    start = time.perf_counter()
    try:
        while not _is_ready(federation, site):
            if time.perf_counter() - start > _PATIENCE_SECONDS:
                raise click.ClickException(f"{site} does not become ready.")
        steps["status"] = time.perf_counter() - start
    finally:
        federation.run("site", "down", at=place, may_fail=True)
    return steps


def _is_ready(federation: Deployment, site: str) -> bool:
    place = federation.place(site)
    done = federation.run("site", "status", "--json", at=place, may_fail=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if told["state"] != "approved" or told["running"] != ["data", "network"]:
        return False
    network = federation.run("site", "status", "--part", "network", at=place, may_fail=True)
    return network.returncode == 0


if __name__ == "__main__":
    main()

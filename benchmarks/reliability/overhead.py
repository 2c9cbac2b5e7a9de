"""Time what processes, TLS and waiting add to a round over the same round in one process.

    python -m benchmarks.reliability.overhead [--rounds 20]

Three sites, each with a resident executor, and a trade that takes no time, or two seconds.  The
same run is done in this process, where the sites work one after another.  What a round of the
deployment takes beyond its work and beyond the round in one process is the overhead.  At the pace
that programs have where nobody says otherwise, and at the shorter one of the chaos runs.
"""

import os
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import click

from benchmarks.record import record
from benchmarks.reliability.deployment import Deployment
from benchmarks.reliability.measuring import (
    PRODUCT_PACE,
    SHORT_PACE,
    completed,
    deployed,
    round_ends,
)
from benchmarks.reliability_figures import overheads

LIMIT_SECONDS = 6
SITES = ("ada", "bob", "eve")
_WORK_SECONDS = (0, 2)
_PACES = {"product": PRODUCT_PACE, "short": SHORT_PACE}
_PATIENCE_SECONDS = 900.0


@click.command()
@click.option("--rounds", type=click.IntRange(3), default=20, show_default=True)
def main(rounds: int) -> None:
    """Time what the deployment adds to a round."""
    rows = []
    for pace, environment in _PACES.items():
        with deployed(SITES, lambda number: _pairs(number, 0), environment) as federation:
            for work in _WORK_SECONDS:
                rows.append({"pace": pace, "work": work, **_timed(federation, work, rounds)})
                print(f"{pace}, {work} s of work: {_told(rows[-1])}", flush=True)
    record("overhead", {"rows": rows, "limit": LIMIT_SECONDS, "sites": len(SITES)}, "reliability")


def _timed(federation: Deployment, work: int, rounds: int) -> dict[str, Any]:
    """Run both ways, and return the seconds of each round; alone, no work is waited for."""
    name = f"work-{work}"
    for number, site in enumerate(SITES):
        federation.tell(site, _pairs(number, work))
    load = os.getloadavg()[0]
    federation.start_run(name, rounds=rounds)
    run = completed(federation, name, _PATIENCE_SECONDS)
    alone = federation.run_alone(name, lambda site: _pairs(site, 0)).folder
    return {"deployed": _seconds(run, rounds), "alone": _seconds(alone, rounds), "load": load}


def _seconds(run: Path, rounds: int) -> list[float]:
    return [after - before for before, after in pairwise(round_ends(run, rounds))]


def _pairs(number: int, work: int) -> str:
    return f"seed={number + 1},seconds={work}"


def _told(row: dict[str, Any]) -> str:
    found = overheads(row)
    return f"{median(found):.2f} s ({min(found):.2f} to {max(found):.2f})"


if __name__ == "__main__":
    main()

"""Plot what rounds cost by the number of sites.

    python -m benchmarks.reliability_plot

Reads results/reliability/scale.json and writes scale.svg beside it.
"""

import json
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.study import RESULTS

_FOLDER = RESULTS / "reliability"


def plot(rows: list[dict[str, Any]], file: Path) -> None:
    """Draw the rows of the table into an SVG file; the same rows give the same file."""
    mpl.rcParams["svg.hashsalt"] = "scale"
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    sites = [row["sites"] for row in rows]
    middle = [median(row["seconds"]) for row in rows]
    spread = [
        [at - min(row["seconds"]) for at, row in zip(middle, rows, strict=True)],
        [max(row["seconds"]) - at for at, row in zip(middle, rows, strict=True)],
    ]
    axes.errorbar(sites, middle, yerr=spread, marker="o", capsize=3, label="seconds a round")
    used = [row["coordinator_seconds"] for row in rows]
    axes.plot(sites, used, marker="s", linestyle="--", label="processor seconds, coordinator")
    axes.set_xlabel("sites, all on one machine of two cores")
    axes.set_ylabel("seconds")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    document = json.loads((_FOLDER / "scale.json").read_text("utf-8"))
    plot(document["rows"], _FOLDER / "scale.svg")

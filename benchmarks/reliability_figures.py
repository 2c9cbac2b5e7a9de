"""The figures of deployed federations, and the table of rounds by the number of sites."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Row

_MODULES = "python -m benchmarks.reliability"
_PACES = {"product": "as it comes", "short": "looking for work every 0.3 s"}
_PROGRAMS = {"app": "app", "superlink": "SuperLink", "door": "door"}
_FIRST = 10


def _joining(result: dict[str, Any]) -> Iterator[Row]:
    steps = result["steps"]
    parts = ", ".join(
        f"{told} {median(one[step] for one in steps):.1f}"
        for step, told in (("join", "`join`"), ("up", "`up`"), ("status", "seen by `status`"))
    )
    yield (
        f"a new organisation, invite in hand, until its site is ready, {len(steps)} times",
        "-",
        f"2 commands, < {result['limit']} s",
        f"2 commands, {_span(result['seconds'])} s ({parts}){_load(result)}",
        f"`{_MODULES}.joining`",
    )


def _overhead(result: dict[str, Any]) -> Iterator[Row]:
    for row in result["rows"]:
        work = f"{row['work']} s of work" if row["work"] else "no work"
        yield (
            f"what a deployed round adds, {result['sites']} sites, TLS, resident executors,"
            f" {_PACES[row['pace']]}, {work}",
            f"the round in one process: {median(row['alone']):.2f} s",
            f"≤ {result['limit']} s",
            f"{_span(overheads(row))} s in {len(row['deployed'])} rounds{_load(row)}",
            f"`{_MODULES}.overhead`",
        )


def _adapter(result: dict[str, Any]) -> Iterator[Row]:
    size, idle = result["adapter_mib"], result["idle"]
    what = f"an adapter of {size:.0f} MiB, {result['sites']} sites"
    command = f"`{_MODULES}.memory adapter`"
    limit = f"≤ {result['limit']} adapters"
    for program, told in _PROGRAMS.items():
        rest = f"at rest {idle[program]:.0f} MiB" if program in idle else "-"
        peak, later = result["peaks"][program], result["release_peaks"].get(program, 0.0)
        yield (
            f"peak memory of the {told}, {what}",
            rest,
            limit,
            f"{peak:.0f} MiB, {peak / size:.1f} adapters; {later / size:.1f} at the release",
            command,
        )
    peak, later = result["peak_sum"], result["release_peak_sum"]
    yield (
        f"the same of all programs of the coordinator together, {what}",
        f"at rest {result['idle_sum']:.0f} MiB",
        limit,
        f"{peak:.0f} MiB, {peak / size:.1f} adapters; {later / size:.1f} at the release;"
        f" a round takes {median(result['round_seconds']):.0f} s{_load(result)}",
        command,
    )


def _soak(result: dict[str, Any]) -> Iterator[Row]:
    rounds, command = result["rounds"], f"`{_MODULES}.memory soak`"
    what = f"{rounds} rounds with {result['megabytes']:g} MB, {result['sites']} sites"
    for program, told in _PROGRAMS.items():
        series = result["peak"][f"coordinator/{program}"]
        last = min(50, len(series))
        yield (
            f"memory of the {told} over {what}",
            f"its peak in round {_FIRST}: {series[_FIRST - 1]:.0f} MiB",
            "no growth over 50 rounds",
            f"{series[last - 1]:.0f} MiB in round {last}, {series[-1]:.0f} in round {rounds},"
            f" {max(series[_FIRST:]):.0f} at most",
            command,
        )
    executors = {part: some for part, some in result["usual"].items() if part.endswith("/data")}
    grown = {part: some[-1] / some[_FIRST - 1] - 1 for part, some in executors.items()}
    between = [x / some[_FIRST - 1] - 1 for some in executors.values() for x in some[_FIRST:]]
    worst = max(grown, key=lambda part: abs(grown[part]))
    yield (
        f"memory of the executors over {what}",
        f"round {_FIRST}: {executors[worst][_FIRST - 1]:.0f} MiB",
        f"flat within {result['limit'] - 1:.0%}",
        f"{grown[worst]:+.1%} in round {rounds} at the site that changed most; {min(between):+.1%}"
        f" to {max(between):+.1%} in the rounds between{_load(result)}",
        command,
    )


READERS: Mapping[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "joining": _joining,
    "overhead": _overhead,
    "adapter_memory": _adapter,
    "soak": _soak,
}


def overheads(row: dict[str, Any]) -> list[float]:
    """Return what each round took beyond its work and beyond the round in one process."""
    alone = median(row["alone"])
    return [seconds - row["work"] - alone for seconds in row["deployed"]]


def scale_table(file: Path) -> str:
    """Return what rounds cost by the number of sites, as Markdown."""
    document = json.loads(file.read_text("utf-8"))
    header = ["sites", "seconds a round, median (range)", "of processor at the coordinator"]
    header += ["its processor at rest", "its memory, MiB", "memory of all sites, MiB", "load"]
    lines = ["| " + " | ".join(header) + " |", "|" + " ---: |" * len(header)]
    for row in document["rows"]:
        cells = [
            str(row["sites"]),
            _span(row["seconds"]),
            f"{row['coordinator_seconds']:.1f} s",
            f"{row['coordinator_idle']:.0%} of a core",
            f"{row['coordinator_mib']:.0f}",
            f"{row['sites_mib']:,.0f} in {row['site_programs']} programs",
            f"{row['load']:.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return f"{document['rounds']} rounds each.\n\n" + "\n".join(lines)


def _span(values: list[float]) -> str:
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _load(row: dict[str, Any]) -> str:
    return f", at a load of {row['load']:.0f}"

"""The figures of migrations: what was measured, against what, the limit; and the table of steps."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Row

_STATES = ("compiled", "unresolved_only", "type_error", "syntax_error", "not_checked")
_TITLES = {
    "codexglue": "CodeXGLUE test, Java to C#",
    "geeksforgeeks": "GeeksforGeeks valid, Java to Python",
}


def _trees(result: dict[str, Any]) -> Iterator[Row]:
    wanted = {
        "shop": (
            "Java to C#, answers from a table",
            "mcs accepts all, no stub, pure functions equal",
        ),
        "junit": ("JUnit 3 to 4, answers from a table", "selected units only, all else byte-equal"),
        "javascript": ("Python to JavaScript, answers from a table", "node accepts all, no stub"),
    }
    for name, (what, target) in wanted.items():
        if name in result:
            row = result[name]
            yield (
                f"{what}: {row['files']} files, {row['units']} units",
                "-",
                target,
                _came_to(row),
                f"`python -m benchmarks.accuracy.migrations WORK {name}`",
            )


def _came_to(row: dict[str, Any]) -> str:
    said = [f"{row['stubs']} stubs", _states(row["states"])]
    if row["equal_behaviour"]:
        said.append(f"{row['equal_behaviour']} functions behave equally")
    if "accepts" in row:
        said.append(f"{row['compiler']} " + ("accepts all" if row["accepts"] else "**refuses it**"))
    if "different_from_expected" in row:
        said.append(f"{row['untouched_files']} files untouched")
        said.append(f"{len(row['different_from_expected'])} files other than expected")
    return "; ".join(said)


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in states.items())


def _speed(result: dict[str, Any]) -> Iterator[Row]:
    command = "python -m benchmarks.speed.migration"
    if "units" in result:
        row = result["units"]
        ratio = row["ratio"]
        ours, theirs = (
            row["units"] / median(row["seconds"][side]) for side in ("ours", "one_by_one")
        )
        yield (
            f"units a second of the builtin model, {row['units']} units in batches",
            f"`model.generate` one at a time: {theirs:.1f}",
            f"≥ {row['limit']} times",
            f"{ours:.1f}: {median(ratio):.1f} times ({min(ratio):.1f} to {max(ratio):.1f})"
            f" at a load of {row['load']:.0f}" + _processor(row),
            f"`{command} units DATA`",
        )
    if "one_by_one" in (row := result.get("tree", {})):
        ours, slow = row["ours"], row["one_by_one"]
        yield (
            f"a tree of {ours['files']} files, builtin model, compiled",
            f"one unit at a time, the target compiled after each: {slow['seconds']:.0f} s,"
            f" {slow['stubs']} stubs",
            f"≥ {row['limit']} times",
            f"{slow['seconds'] / ours['seconds']:.1f} times as fast, {ours['stubs']} stubs;"
            f" {slow['cpu_seconds'] / ours['cpu_seconds']:.1f} times in processor time",
            f"`{command} tree WORK`",
        )
    if "ours_whole" in row:
        whole = row["ours_whole"]
        yield (
            f"the tree of {whole['files']} files, {whole['units']} units, builtin model, compiled",
            "-",
            "-",
            f"{whole['stubs']} stubs; {_states(whole['states'])}; the whole: {whole['whole']};"
            f" {whole['cpu_seconds']:.0f} s of processor",
            f"`{command} tree WORK`",
        )
    if "again" in result:
        row = result["again"]
        yield (
            f"second run of {row['files']} files, nothing changed",
            "-",
            f"< {row['limit']} s",
            f"{row['seconds']:.1f} s at a load of {row['load']:.0f},"
            f" {row['cpu_seconds']:.1f} s of processor",
            f"`{command} again WORK`",
        )
    if "memory" in result:
        yield from _memory(result["memory"], command)


def _processor(row: dict[str, Any]) -> str:
    spent = row.get("cpu_seconds")
    if not spent:
        return ""
    return f"; {median(spent['one_by_one']) / median(spent['ours']):.1f} times in processor time"


def _memory(row: dict[str, Any], command: str) -> Iterator[Row]:
    small, large = row["rows"].values()
    for name, what in (("plan", "a plan (`--dry-run`)"), ("run", "a run without builds and model")):
        low, high = small[name]["peak_mib"], large[name]["peak_mib"]
        yield (
            f"peak memory of {what}, {large['files']:,} files",
            f"{small['files']:,} files: {low:.0f} MiB",
            f"≤ {row['limit']} times",
            f"{high:.0f} MiB: {high / low:.2f} times" + _unfinished(large[name]),
            f"`{command} memory WORK`",
        )
    yield (
        f"the plan of {large['files']:,} files",
        "-",
        f"< {row['plan_limit']} s",
        f"{large['plan']['seconds']:.0f} s"
        + (
            f", {large['plan']['cpu_seconds']:.0f} s of processor"
            if "cpu_seconds" in large["plan"]
            else ""
        ),
        f"`{command} memory WORK`",
    )


def _unfinished(row: dict[str, Any]) -> str:
    left, done = row.get("units_pending", 0), row.get("units_done", 0)
    return f" when stopped after {done:,} of {left + done:,} units" if left else ""


def _kills(result: dict[str, Any]) -> Iterator[Row]:
    yield (
        f"`kill -9` at {result['kills']} random moments of {result['migrations']} migrations of"
        f" {result['files']} files",
        "an unbroken migration",
        "the same bytes",
        f"{result['same']} of {result['migrations']} the same",
        "`python -m benchmarks.accuracy.kills WORK`",
    )


READERS: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "migrations": _trees,
    "migration_speed": _speed,
    "migration_kills": _kills,
}


def steps_table(file: Path) -> str:
    """Return what each step of a migration is worth, as Markdown."""
    document = json.loads(file.read_text("utf-8"))
    header = ["units", "step", "parse", *_STATES, "tests passed", "left as stubs"]
    lines = ["| " + " | ".join(header) + " |", "| --- | --- |" + " ---: |" * (len(header) - 2)]
    for name, title in _TITLES.items():
        for step, row in document.get(name, {}).items():
            count = row["units"]
            values = [f"{100 * row['parse'] / count:.0f} %"]
            values += [f"{100 * row['compile'].get(state, 0) / count:.0f} %" for state in _STATES]
            values.append(f"{row['tests_passed']} of {row['tests']}" if row["tests"] else "-")
            cells = [f"{count}, {title}", step, *values, str(row["not_migrated"])]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)

"""Run the right answers of a data set as candidates: what fails then is not a translation's fault.

Results are journalled task by task, so a run that was killed goes on where it was, and each task
is run again when its program, or how it is run, has changed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.datafolder import of_another_kind
from benchmarks.study import RESULTS, machine
from benchmarks.suites import geeksforgeeks, humaneval_x
from benchmarks.suites.tasks import Fault, Suite, Task
from fedtranslate.checks import sandbox
from fedtranslate.checks.behave.programs import missing_tool
from fedtranslate.checks.behave.testing import TestResult, TestState, run_tests

_TOOLS = (
    ("python3", "--version"),
    ("javac", "-version"),
    ("g++", "--version"),
    ("node", "--version"),
    ("go", "version"),
    ("rustc", "--version"),
)
SUITES = {suite.name: suite for suite in (humaneval_x.SUITE, geeksforgeeks.SUITE)}
_CHUNK = 16


@click.command()
@click.argument("name", metavar="SUITE", type=click.Choice(list(SUITES)))
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", "languages", multiple=True, help="Only this one; may be repeated.")
@click.option("--limit", type=click.IntRange(1), help="The first N tasks of each language.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The raw result.")
def main(
    name: str,
    data: Path,
    languages: tuple[str, ...],
    limit: int | None,
    jobs: int,
    out: Path | None,
) -> None:
    """Run the gold solutions of SUITE, whose data lie in the folder DATA."""
    suite = SUITES[name]
    if unknown := set(languages) - set(suite.languages):
        raise click.UsageError(f"{suite.name} has no {', '.join(sorted(unknown))}.")
    out = out or RESULTS / "checks" / f"{name.replace('-', '_')}_gold.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    missing = {}
    for language in languages or suite.languages:
        with of_another_kind(data):
            tasks = suite.read(data, language)[:limit]
        if tasks and (tool := missing_tool(tasks[0].test.table)):
            missing[language] = tool
            continue
        entries += _results(suite, tasks, jobs, out.with_suffix(".journal.jsonl"))
    about = {
        "suite": name,
        "jobs": jobs,
        "missing_tools": missing,
        "sandbox": sandbox.describe().name,
        "tools": _versions(),
        "machine": machine(),
    }
    _write(out, about, entries)
    click.echo(table(entries, missing))


def table(entries: Sequence[dict[str, Any]], missing: dict[str, str]) -> str:
    """Return a table of what passed, and a line for each failure."""
    lines = ["| language | passed | of | failures |", "| --- | ---: | ---: | --- |"]
    for language in dict.fromkeys(entry["language"] for entry in entries):
        own = [entry for entry in entries if entry["language"] == language]
        faults = Counter(entry["fault"] for entry in own if entry["state"] != TestState.PASSED)
        shown = ", ".join(f"{count} {fault}" for fault, count in faults.items()) or "none"
        lines.append(f"| {language} | {len(own) - faults.total()} | {len(own)} | {shown} |")
    lines += [f"| {language} | - | - | {tool} not found |" for language, tool in missing.items()]
    lines += [
        f"{entry['id']} ({entry['language']}): {entry['state']}, {entry['fault']}"
        f" {entry['remark']}: {entry['reason'][:160]}"
        for entry in entries
        if entry["state"] != TestState.PASSED
    ]
    return "\n".join(lines)


def _write(out: Path, about: dict[str, Any], entries: Sequence[dict[str, Any]]) -> None:
    """Write one task a line.

    Reasons quote the programs, which are not ours to publish: they are left out where the fault is
    known, and its remark says enough.
    """
    lines = [
        json.dumps(
            {key: value for key, value in entry.items() if key != "reason" or not value}
            if entry.get("fault") in (Fault.UPSTREAM, Fault.LIBRARY)
            else entry
        )
        for entry in entries
    ]
    head = json.dumps(about, indent=1)
    out.write_text(f'{{"about": {head},\n"tasks": [\n' + ",\n".join(lines) + "\n]}\n", "utf-8")


def _versions() -> dict[str, str]:
    """Return what the tools say of themselves that are here."""
    found = {}
    for command in _TOOLS:
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found[command[0]] = (done.stdout or done.stderr).splitlines()[0]
    return found


def _results(suite: Suite, tasks: Sequence[Task], jobs: int, journal: Path) -> list[dict[str, Any]]:
    known = _journal(journal)
    todo = [task for task in tasks if _key(task) not in known]
    for start in range(0, len(todo), _CHUNK):
        chunk = todo[start : start + _CHUNK]
        results = run_tests(((task.test, task.gold, None) for task in chunk), jobs=jobs)
        with journal.open("a", encoding="utf-8") as stream:
            for task, result in zip(chunk, results, strict=True):
                known[_key(task)] = entry = _entry(task, result)
                stream.write(json.dumps({"key": _key(task), "entry": entry}) + "\n")
        print(f"{chunk[0].language}: {start + len(chunk)} of {len(todo)}", file=sys.stderr)
    return [_explained(suite, known[_key(task)]) for task in tasks]


def _entry(task: Task, result: TestResult) -> dict[str, Any]:
    return {
        "language": task.language,
        "id": task.id,
        "state": str(result.state),
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
    }


def _explained(suite: Suite, entry: dict[str, Any]) -> dict[str, Any]:
    if entry["state"] == TestState.PASSED:
        return entry
    fault, remark = suite.explain(entry["language"], entry["id"], entry["reason"])
    return {**entry, "fault": str(fault), "remark": remark}


def _key(task: Task) -> str:
    said = (task.id, task.test.program(task.gold), task.test.must, task.test.must_not)
    whole = "\0".join((*said, task.test.table.model_dump_json()))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def _journal(file: Path) -> dict[str, dict[str, Any]]:
    """Return what is in the journal; a line that was cut off is run again."""
    if not file.exists():
        return {}
    found = {}
    for line in _whole_lines(file.read_text("utf-8")):
        found[line["key"]] = line["entry"]
    return found


def _whole_lines(text: str) -> Iterable[dict[str, Any]]:
    for line in text.split("\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue


if __name__ == "__main__":
    main()

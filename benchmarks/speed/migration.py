"""Time a migration, and weigh its memory.

    python -m benchmarks.speed.migration units DATA_FOLDER
    python -m benchmarks.speed.migration tree WORK
    python -m benchmarks.speed.migration memory WORK

``units`` translates the same units in the product's batches, and one at a time with
``model.generate``, in turns. ``tree`` migrates the same tree as it is done, and one unit at a
time: alone to the model, then the whole target compiled by a process of its own, with no verdict
remembered.  ``memory`` plans and migrates trees of 1,000 and 10,000 files in a process for each.
"""

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import click
import torch

from benchmarks.datafolder import DataFolder
from benchmarks.record import record
from benchmarks.study import RESULTS
from benchmarks.suites import trees
from benchmarks.suites.answering import MODEL, answering
from benchmarks.suites.moving import came_to, command, migrated, ran, saved
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.library import generate
from fedtranslate.languages.flushing import flush_left
from fedtranslate.migration import asking
from fedtranslate.migration.engines.base import Candidate, Request
from fedtranslate.migration.engines.local import LocalEngine
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.models.load import BaseModel, load_base
from fedtranslate.prompts import decode_answer, encode_prompt, prompt_format

LANGUAGES = ("java", "csharp")
LIMIT = 5
MEMORY_LIMIT = 1.3
PLAN_LIMIT = 60
AGAIN_LIMIT = 5


class OneByOne(LocalEngine):
    """Asks ``model.generate`` for one unit at a time, as a script does that knows of no batches."""

    def __init__(self, base: BaseModel) -> None:
        super().__init__(base, None)
        self._own = base

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer each request by itself; attempts after the first draw."""
        answers: list[tuple[Candidate, ...]] = []
        for request in requests:
            answers.append((self._answer(request, attempt),))
            if on_done is not None:
                on_done(1)
        return answers

    def _answer(self, request: Request, attempt: int) -> Candidate:
        base = self._own
        wording = prompt_format(base.tokenizer, base.template)
        tokens = encode_prompt(base.tokenizer, wording, request.text, request.languages)
        limit = min(384, 2 * len(tokens) + 32, base.max_tokens - len(tokens))
        if limit <= 0:
            return Candidate("", finished=False, failure="too long")
        inputs = torch.tensor([tokens])
        with torch.no_grad():
            ((row,),) = generate(
                base,
                self._model,
                inputs,
                torch.ones_like(inputs),
                limit,
                DecodingSettings(),
                (attempt or None,),
            )
        end = int(base.tokenizer.eos_token_id)
        finished = end in row
        own = row[: row.index(end)] if finished else row
        return Candidate(decode_answer(base.tokenizer, own), finished=finished)


@click.group()
def main() -> None:
    """Time a migration, and weigh its memory."""


@main.command()
@click.argument("data", type=DataFolder("valid.java-cs.txt.java"))
@click.option("--count", type=click.IntRange(1), default=128, show_default=True)
@click.option("--rounds", type=click.IntRange(3), default=3, show_default=True)
def units(data: Path, count: int, rounds: int) -> None:
    """Compare units per second on validation units of CodeXGLUE."""
    lines = (data / "valid.java-cs.txt.java").read_text("utf-8").splitlines()
    some = lines[:: max(1, len(lines) // count)][:count]
    requests = [Request(flush_left(text), LANGUAGES) for text in some]
    base = load_base("builtin")
    times: dict[str, list[float]] = {"ours": [], "one_by_one": []}
    cpu: dict[str, list[float]] = {"ours": [], "one_by_one": []}
    same = 0
    for _ in range(rounds):
        with LocalEngine(base, None) as engine:
            start, used = time.perf_counter(), time.process_time()
            ours = [one for batch in _batches(requests) for one in engine.write(batch)]
            times["ours"].append(time.perf_counter() - start)
            cpu["ours"].append(time.process_time() - used)
        with OneByOne(base) as engine:
            start, used = time.perf_counter(), time.process_time()
            theirs = engine.write(sorted(requests, key=lambda one: len(one.text)))
            times["one_by_one"].append(time.perf_counter() - start)
            cpu["one_by_one"].append(time.process_time() - used)
        same = sum(a[0].text == b[0].text for a, b in zip(ours, theirs, strict=True))
    rates = {side: [len(some) / one for one in taken] for side, taken in times.items()}
    ratio = [a / b for a, b in zip(times["one_by_one"], times["ours"], strict=True)]
    click.echo(f"units per second: {rates}; CPU {cpu}; {same} of the same text")
    click.echo(f"{_span(ratio)} times as many, limit {LIMIT}")
    values = {
        "units": len(some),
        "seconds": times,
        "cpu_seconds": cpu,
        "ratio": ratio,
        "limit": LIMIT,
        "same_text": same,
        "load": os.getloadavg()[0],
        "threads": torch.get_num_threads(),
    }
    _keep("units", values)


def _batches(requests: Sequence[Request]) -> list[list[Request]]:
    """Cut requests as `migration.asking` does: those of like length together."""
    inside = sorted(requests, key=lambda one: len(one.text))
    size = asking.BATCH_UNITS
    return [inside[start : start + size] for start in range(0, len(inside), size)]


@main.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--files", type=click.IntRange(1), default=300, show_default=True)
@click.option("--slow-files", type=click.IntRange(1), default=30, show_default=True)
def tree(work: Path, files: int, slow_files: int) -> None:
    """Compare a whole tree, with its checks, with the same one unit at a time."""
    base = load_base("builtin")
    rows: dict[str, Any] = {}
    sizes = {"ours": slow_files, "one_by_one": slow_files, "ours_whole": files}
    for name, size in sizes.items():
        place = work / name
        shutil.rmtree(place, ignore_errors=True)
        repository = trees.java_shop(size).write(place / "repository").resolve()
        settings = MigrationSettings(
            repository=repository,
            out=(place / "out").resolve(),
            source="java",
            target="csharp",
            behave=False,
            jobs=1 if name == "one_by_one" else os.cpu_count() or 1,
            wave_units=1 if name == "one_by_one" else 256,
        )
        start, used = time.perf_counter(), _cpu()
        if name == "one_by_one":
            with mock.patch.object(asking, "BATCH_UNITS", 1), OneByOne(base) as slow:
                migrated(settings, slow)
        else:
            file = place / "verdicts.sqlite3"
            with VerdictCache(file) as cache, LocalEngine(base, None) as engine:
                migrated(settings, engine, cache=cache)
        seconds = time.perf_counter() - start
        rows[name] = {
            "files": size,
            "seconds": seconds,
            "cpu_seconds": _cpu() - used,
            **came_to(settings.out),
        }
        click.echo(f"{name}: {rows[name]}")
        _keep("tree", {**rows, "limit": LIMIT, "load": os.getloadavg()[0]})
    ratio = rows["one_by_one"]["seconds"] / rows["ours"]["seconds"]
    click.echo(f"{ratio:.1f} times as fast on {slow_files} files, limit {LIMIT}")
    _keep("tree", {**rows, "ratio": ratio, "limit": LIMIT, "load": os.getloadavg()[0]})


@main.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--sizes", default="1000,10000", show_default=True)
def memory(work: Path, sizes: str) -> None:
    """Compare peak memory of two sizes: a plan, a run of this process's kind, and a real one."""
    rows: dict[str, dict[str, Any]] = {}
    for size in map(int, sizes.split(",")):
        place = work / str(size)
        shutil.rmtree(place, ignore_errors=True)
        made = trees.java_shop(size)
        repository = made.write(place / "repository")
        row: dict[str, Any] = {"files": len(made.files)}
        with answering(made.translate) as url:
            asked = ("--endpoint", url, "--endpoint-model", MODEL, "--no-build", "--no-behave")
            plan = ran(command(repository, place / "plan", LANGUAGES, *asked, "--dry-run"))
            row["plan"] = plan._asdict() | {"said": plan.said[-200:]}
        lean = ran([sys.executable, "-m", "benchmarks.speed.lean", str(place)])
        row["run"] = lean._asdict() | {"said": lean.said[-200:]}
        row["came_to"] = came_to(place / "out")
        again = ran([sys.executable, "-m", "benchmarks.speed.lean", str(place)])
        row["again"] = again._asdict() | {"said": again.said[-200:]}
        rows[str(size)] = row
        click.echo(json.dumps(row))
    small, large = (rows[size] for size in sizes.split(","))
    growth = {name: large[name]["peak_mib"] / small[name]["peak_mib"] for name in ("plan", "run")}
    click.echo(f"peak memory grows {growth}, limit {MEMORY_LIMIT}")
    values = {"rows": rows, "growth": growth, "limit": MEMORY_LIMIT, "plan_limit": PLAN_LIMIT}
    _keep("memory", values)


@main.command()
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--files", type=click.IntRange(1), default=300, show_default=True)
def again(work: Path, files: int) -> None:
    """Time a second run in which nothing has changed."""
    shutil.rmtree(work, ignore_errors=True)
    made = trees.java_shop(files)
    repository = made.write(work / "repository")
    with answering(made.translate) as url:
        asked = ("--endpoint", url, "--endpoint-model", MODEL, "--no-build", "--no-behave")
        words = command(repository, work / "out", LANGUAGES, *asked)
        ran(words)
        second = ran(words)
    click.echo(f"{second.seconds:.1f} s, {second.cpu_seconds:.1f} s of processor")
    values = {
        "files": len(made.files),
        "limit": AGAIN_LIMIT,
        "seconds": second.seconds,
        "cpu_seconds": second.cpu_seconds,
        "load": os.getloadavg()[0],
    }
    _keep("again", values)


def _cpu() -> float:
    """Return the processor time of this process and of all that it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _span(values: Sequence[float]) -> str:
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _keep(part: str, values: dict[str, Any]) -> None:
    known = saved(RESULTS / "checks" / "migration_speed.json")
    record("migration_speed", known | {part: values})


if __name__ == "__main__":
    main()

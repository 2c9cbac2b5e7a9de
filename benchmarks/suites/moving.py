"""Run ``fedtranslate migrate`` as people do, in a process of its own, and read what came of it."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from fedtranslate.checks.cache import VerdictCache
from fedtranslate.corpus.retrieval import PairStore
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.engines.base import Candidate, Engine, Request
from fedtranslate.migration.journal import FOLDER, Journal
from fedtranslate.migration.run import Migration, Outcome
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import UnitState

ROOT = Path(__file__).resolve().parent.parent.parent


class Ran(NamedTuple):
    """A process that came to its end."""

    seconds: float
    cpu_seconds: float
    """Of all its processes: what does not depend on who else uses the machine."""
    peak_mib: float
    """Of its memory; its own, without the processes that it started."""
    code: int
    said: str


def command(repository: Path, out: Path, languages: tuple[str, str], *more: str) -> list[str]:
    """Return the command line of a migration."""
    source, target = languages
    start = [sys.executable, "-m", "fedtranslate", "migrate", "run", str(repository)]
    return [*start, "--from", source, "--to", target, "--out", str(out), *more]


def ran(words: Sequence[str]) -> Ran:
    """Run a command to its end."""
    start, used = time.perf_counter(), _cpu()
    process = subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = 0.0
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(process.communicate)
        while not said.done():
            peak = max(peak, _peak(process.pid))
            time.sleep(0.02)
    seconds = time.perf_counter() - start
    return Ran(seconds, _cpu() - used, peak, process.returncode, said.result()[0])


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _peak(process: int) -> float:
    """Return the most memory that a process has had so far, in MiB; 0 when it has ended.

    What waiting for it tells is no use: that counts the memory of whoever started it.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def written(out: Path) -> dict[str, bytes]:
    """Return the output, without what the migration keeps for itself."""
    return {
        place.relative_to(out).as_posix(): place.read_bytes()
        for place in sorted(out.rglob("*"))
        if place.is_file() and FOLDER not in place.relative_to(out).parts
    }


def came_to(out: Path) -> dict[str, Any]:
    """Return what a migration came to, in numbers of units."""
    with Journal(out, writable=False) as journal:
        whole: dict[str, Any] = journal.fact("whole") or {}
        units = list(journal.units())
        by_model = [unit for unit in units if unit.state is not UnitState.RULE]
        return {
            "units": len(by_model),
            "by_rule": len(units) - len(by_model),
            "stubs": sum(unit.state is UnitState.FAILED for unit in by_model),
            "states": dict(Counter(str(unit.compile_state) for unit in by_model)),
            "equal_behaviour": sum(unit.behaves.startswith("equal") for unit in by_model),
            "whole": whole.get("build", {}).get("state", ""),
            "build": whole.get("build", {}).get("build", ""),
        }


def saved(file: Path) -> dict[str, Any]:
    """Return what was measured before, or nothing."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def migrated(
    settings: MigrationSettings,
    engine: Engine,
    *,
    store: PairStore | None = None,
    cache: VerdictCache | None = None,
) -> Outcome:
    """Migrate in this process, with any engine."""
    settings.out.mkdir(parents=True, exist_ok=True)
    with Journal(settings.out) as journal, ParseWorker() as worker:
        return Migration(journal, settings, engine, worker, store=store, cache=cache).run()


class TableEngine:
    """Answers by a function, in this process.

    Args:
        translate: Gives the right answer to a text.
    """

    name = "table"
    fingerprint = "table"
    takes_context = True

    def __init__(self, translate: Callable[[str], str]) -> None:
        self._translate = translate

    def write(
        self,
        requests: Sequence[Request],
        *,
        attempt: int = 0,  # noqa: ARG002 - part of the protocol
        on_done: Callable[[int], None] | None = None,
    ) -> list[tuple[Candidate, ...]]:
        """Answer each request with the one right answer."""
        if on_done is not None:
            on_done(len(requests))
        return [(Candidate(self._translate(one.text), finished=True),) for one in requests]

    def count_tokens(self, text: str) -> int:
        """Return a token for each four characters."""
        return len(text) // 4

    def close(self) -> None:
        """Hold nothing."""

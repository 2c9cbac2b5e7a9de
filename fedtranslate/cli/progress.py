"""Progress on standard error: bars on a terminal, elsewhere a line per stage and now and then."""

import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

QUIET_SECONDS = 15.0
"""Shortest time between two lines about one stage where there is no terminal."""


class Stages:
    """Shows stages of work as they come; each stage is a bar of its own."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._said = ""
        self._said_at = 0.0

    def __call__(self, label: str, done: int, total: int, *, note: str = "") -> None:
        """Tell that ``done`` of ``total`` parts of the stage ``label`` are done.

        Args:
            label: Names the stage.
            done: Parts that are done.
            total: Of so many; 0 where that is not known.
            note: What else is to be said of how it goes.
        """
        stage = label.split(" ", 1)[0] if label.startswith("evaluate") else label
        if self._progress is None:
            self._tell(stage, done, total, note)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(label, total=total or None)
        self._progress.update(
            self._tasks[stage],
            completed=done,
            total=total or None,
            description=label + note,
        )

    def _tell(self, stage: str, done: int, total: int, note: str) -> None:
        """Print a line when a stage is new, and how far it is when it takes long."""
        now = time.monotonic()
        is_new = stage != self._said
        if not is_new and now - self._said_at < QUIET_SECONDS:
            return
        self._said, self._said_at = stage, now
        far = "" if is_new else f": {done} of {total}{note}" if total else f": {done}{note}"
        print(f"... {stage}{far}", file=sys.stderr, flush=True)  # noqa: T201

    def say(self, text: str) -> None:
        """Show a line above the bars."""
        if self._progress is None:
            print(text, file=sys.stderr, flush=True)  # noqa: T201
        else:
            self._progress.console.print(text, highlight=False, markup=False)


@contextmanager
def stages() -> Iterator[Stages]:
    """Open the display for the length of a ``with`` block."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Stages(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield Stages(progress)


def quiet_libraries() -> None:
    """Keep the libraries below from talking over us, from calling home and from hoarding memory.

    To be called before torch is imported.
    """
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # torch and oneDNN each keep a kernel, with its scratch memory, for every shape they have met;
    # batches are of many shapes, and the default of a thousand kernels holds gigabytes.
    os.environ.setdefault("LRU_CACHE_CAPACITY", "16")
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
    os.environ["FLWR_DISABLE_UPDATE_CHECK"] = "1"
    # What one library will do differently for another some day is no business of the reader's.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers\b")

"""Programs that are kept alive until this process is told to end.

A program that ends by itself is started again, the sooner the longer it ran.  Should the
supervisor itself be killed, the kernel ends the programs; what outlives even that is killed when
the next supervisor starts.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

from fedtranslate.config.files import write_durably
from fedtranslate.federation.supervision.processes import kill_group, spawn, stop
from fedtranslate.federation.supervision.standing import (
    STANDING_FILE,
    Running,
    Standing,
    held,
    read_standing,
)

_LOOK_SECONDS = 0.2
_END_SECONDS = 10.0
_STEADY_SECONDS = 60.0
"""A program that ran so long is started again at once."""
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
MAX_LOG_BYTES = 32 << 20
"""Of each log; one more of that length is kept."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to be kept alive."""

    name: str
    """Also of its log."""
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Keeps programs alive.

    Args:
        programs: In the order in which they are started; they are ended in the opposite one.
        state: Folder of the lock and of what others can read of the programs.
        logs: Folder of one log for each program.
    """

    def __init__(self, programs: Sequence[Program], state: Path, logs: Path) -> None:
        self._programs = programs
        self._state = state
        self._logs = logs
        self._kept = {program.name: _Kept() for program in programs}
        self._end = threading.Event()

    def run(
        self,
        tick: Callable[[], None],
        *,
        every_seconds: float,
        first: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep the programs alive until this process gets SIGTERM or SIGINT.

        Args:
            tick: Called now and then; it must not raise, and takes its time from the watch.
            every_seconds: Between two ticks.
            first: Called once before any program is started, when no other process keeps them.

        Raises:
            FederationError: Another process keeps them already.
        """
        with held(self._state), _told_to_end(self._end):
            self._logs.mkdir(parents=True, exist_ok=True)
            _sweep(self._state)
            first()
            try:
                self._watch(tick, every_seconds)
            finally:
                running = [kept.process for kept in self._kept.values() if kept.process]
                stop(list(reversed(running)), _END_SECONDS)
                (self._state / STANDING_FILE).unlink(missing_ok=True)

    def restart(self, name: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Kill a program, which is then started again like one that ended by itself.

        For ticks only.

        Args:
            name: Of the program.
            meanwhile: Called when it has ended and before it is started.
        """
        process = self._kept[name].process
        if process is not None:
            kill_group(process.pid)
            process.wait()
        meanwhile()

    def _watch(self, tick: Callable[[], None], every_seconds: float) -> None:
        next_tick = time.monotonic() + every_seconds
        while not self._end.is_set():
            changed = [self._revived(program) for program in self._programs]
            if any(changed):
                self._note()
            if time.monotonic() >= next_tick:
                tick()
                self._shorten_logs()
                next_tick = time.monotonic() + every_seconds
            self._end.wait(_LOOK_SECONDS)

    def _revived(self, program: Program) -> bool:
        """Start the program if it does not run and its pause is over; tell whether that changed."""
        kept, now = self._kept[program.name], time.monotonic()
        if kept.process is not None and kept.process.poll() is None:
            return False
        if kept.process is not None:
            kill_group(kept.process.pid)  # children that outlived it
            kept.ended(now)
            return True
        if now < kept.not_before:
            return False
        log = self._logs / f"{program.name}.log"
        kept.process, kept.since = spawn(program.argv, program.environment, log), now
        return True

    def _shorten_logs(self) -> None:
        """Put what has become too long aside; programs append, so they go on at the beginning."""
        for log in self._logs.glob("*.log"):
            with suppress(OSError):
                if log.stat().st_size > MAX_LOG_BYTES:
                    shutil.copyfile(log, log.with_suffix(".log.1"))
                    os.truncate(log, 0)

    def _note(self) -> None:
        """Write down what runs, for those who ask, and for the next supervisor."""
        running = tuple(
            Running(
                name,
                kept.process.pid if kept.process else 0,
                _created(kept.process),
                kept.restarts,
                kept.last_code,
            )
            for name, kept in self._kept.items()
        )
        standing = Standing(psutil.Process().pid, psutil.Process().create_time(), running)
        write_durably(self._state / STANDING_FILE, json.dumps(standing.as_json()).encode())


class _Kept:
    """One program at the supervisor."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.since = 0.0
        self.not_before = 0.0
        self.restarts = 0
        self.last_code: int | None = None
        self._pause = _FIRST_PAUSE_SECONDS

    def ended(self, now: float) -> None:
        """Note that the process has ended, and how long to wait before the next."""
        assert self.process is not None  # noqa: S101 - for the type checker
        steady = now - self.since > _STEADY_SECONDS
        self._pause = 0.0 if steady else min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        self.not_before = now + self._pause
        self._pause = self._pause or _FIRST_PAUSE_SECONDS
        self.last_code = self.process.returncode
        self.restarts += 1
        self.process = None


def _created(process: subprocess.Popen[bytes] | None) -> float:
    with suppress(psutil.Error):
        return psutil.Process(process.pid).create_time() if process else 0.0
    return 0.0


def _sweep(state: Path) -> None:
    """Kill programs of an earlier supervisor that were left behind."""
    standing = read_standing(state)
    for running in standing.programs if standing else ():
        if running.is_alive():
            kill_group(running.pid)


@contextmanager
def _told_to_end(end: threading.Event) -> Iterator[None]:
    """Set ``end`` at SIGTERM and SIGINT."""

    def tell(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        end.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

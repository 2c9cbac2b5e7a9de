"""What a supervisor keeps alive at this moment, as another process can read it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from fedtranslate.config.files import locked
from fedtranslate.errors import FederationError
from fedtranslate.federation.supervision.processes import last_lines

STANDING_FILE = "programs.json"
_LOCK_FILE = "lock"
_LOOK_SECONDS = 0.2
_END_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A program under a supervisor."""

    name: str
    pid: int
    """0 while it waits to be started again."""
    created: float
    """When the process began, so that another of the same number is not taken for it."""
    restarts: int
    last_code: int | None
    """What it ended with the last time."""

    def is_alive(self) -> bool:
        """Tell whether the process is there."""
        return _is_alive(self.pid, self.created)


@dataclass(frozen=True, slots=True)
class Standing:
    """A supervisor and its programs."""

    pid: int
    created: float
    programs: tuple[Running, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def read_standing(state: Path) -> Standing | None:
    """Return what the last supervisor noted; None if it ended in order, or never was."""
    try:
        values = json.loads((state / STANDING_FILE).read_bytes())
        programs = tuple(Running(**one) for one in values["programs"])
        return Standing(int(values["pid"]), float(values["created"]), programs)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_up(state: Path) -> bool:
    """Tell whether a supervisor is at work."""
    try:
        with held(state):
            return False
    except FederationError:
        return True


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Hold the lock of a supervisor; it dies with the process.

    Raises:
        FederationError: Another process holds it.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(state / _LOCK_FILE, _running(state)):
        yield


def start_detached(
    argv: Sequence[str],
    state: Path,
    log: Path,
    is_ready: Callable[[], bool],
    seconds: float,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a supervisor that outlives this process, and wait until its programs are ready.

    Args:
        argv: The supervisor's command.
        state: Its folder.
        log: What it prints is appended to it.
        is_ready: Asked again and again.
        seconds: How long to wait.
        environment: Besides that of this process.

    Raises:
        FederationError: One is at work, be it by a start at the same moment; or this one ended, or
            was not ready in time, and is stopped then.
    """
    if is_up(state):
        raise _running(state)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *argv],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    end = time.monotonic() + seconds
    while not (is_up(state) and is_ready()):
        if process.poll() is not None:
            if is_up(state):  # another start was quicker; the log is mostly its own
                raise _running(state)
            raise FederationError(f"The programs did not start:\n{last_lines(log)}")
        if time.monotonic() > end:
            told = _told_by_programs(state, log.parent)
            process.terminate()
            raise FederationError(
                f"The programs were not ready after {seconds:.0f} s.{told}",
                hint=f"Their logs are in {log.parent}.",
            )
        time.sleep(_LOOK_SECONDS)


def end(state: Path) -> bool:
    """End a supervisor and its programs; tell whether there was one.

    Raises:
        FederationError: It does not end.
    """
    standing = read_standing(state)
    if not is_up(state):
        return False
    if standing is None or not _is_alive(standing.pid, standing.created):
        raise FederationError(f"It cannot be told which process holds the lock in {state}.")
    with suppress(ProcessLookupError):
        os.kill(standing.pid, signal.SIGTERM)
    until = time.monotonic() + _END_SECONDS
    while is_up(state):
        if time.monotonic() > until:
            raise FederationError(f"The process {standing.pid} does not end.")
        time.sleep(_LOOK_SECONDS)
    return True


def _running(state: Path) -> FederationError:
    return FederationError(
        f"The programs of {state.parent} are running already.",
        hint="'status' tells which; 'down' ends them.",
    )


def _told_by_programs(state: Path, logs: Path) -> str:
    """Return the last words of the programs that do not stay alive."""
    standing = read_standing(state)
    failing = [one.name for one in (standing.programs if standing else ()) if one.restarts]
    return "".join(f"\n{name} says:\n{last_lines(logs / f'{name}.log')}" for name in failing)


def _is_alive(pid: int, created: float) -> bool:
    try:
        return pid > 0 and abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.Error:
        return False

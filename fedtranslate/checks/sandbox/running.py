"""Run programs in the back-end that is chosen here."""

import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from fedtranslate.checks.sandbox.choose import chosen
from fedtranslate.checks.sandbox.job import Backend, Job
from fedtranslate.checks.sandbox.limits import Finished, Limits
from fedtranslate.checks.sandbox.process import Process, execute, keep

_LOOK_SECONDS = 0.25
_NOTHING: Mapping[str, str] = MappingProxyType({})
_KEPT: dict[subprocess.Popen[bytes], Process] = {}


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    stdin: bytes = b"",
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] = _NOTHING,
) -> Finished:
    """Run a program to its end, or until it exceeds a limit; then nothing of it is left.

    Args:
        argv: The program and its arguments; no shell reads them.
        folder: Where it runs, and the one place where it may write, besides a /tmp of its own.
        limits: What it may use.
        stdin: What it reads.
        readable: Files and folders that it reads besides those of the system and its toolchain.
        environment: Variables it gets besides the few that every program gets.

    Raises:
        CheckError: Nothing can contain it here, so it was not run.
    """
    job = Job(argv, folder.absolute(), limits, readable, environment)
    return execute(chosen(), job, stdin)


def start(
    argv: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] = _NOTHING,
) -> subprocess.Popen[bytes]:
    """Start a program that is spoken with over its standard input and output.

    The caller watches the time (``limits.seconds`` counts for CPU time only, if set) and the
    output, and ends it with ``kill_group``.  The other limits are watched here.

    Raises:
        CheckError: Nothing can contain it here, so it was not started.
    """
    job = Job(argv, folder.absolute(), limits, readable, environment)
    answer: queue.SimpleQueue[Process | BaseException] = queue.SimpleQueue()
    # What holds the program dies with the thread that started it, so that thread is kept.
    threading.Thread(target=_started, args=(chosen(), job, answer), daemon=True).start()
    running = answer.get()
    if isinstance(running, BaseException):
        raise running
    return running.process


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that ``start`` began, with all that it started."""
    running = _KEPT.get(process)
    if running is not None:
        running.end()
    process.wait()


def _started(
    backend: Backend, job: Job, answer: "queue.SimpleQueue[Process | BaseException]"
) -> None:
    try:
        launch = backend.launch(job)
        running = Process(launch, job, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except BaseException as error:
        answer.put(error)
        return
    _KEPT[running.process] = running
    answer.put(running)
    keep(running, job.limits, _LOOK_SECONDS)
    running.end()
    running.close()
    del _KEPT[running.process]

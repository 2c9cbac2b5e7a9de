"""What a program may use, and what became of it."""

import os
import resource
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_OPEN_FILES = 4096
SPARE_PROCESSES = 32
"""More than are allowed, for the kernel to hold: who takes too many is found out and killed, and
does not sit out its time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use; None sets no limit.

    The kernel holds ``cpu_seconds``, ``memory_bytes`` and ``file_bytes`` exactly, process by
    process.  ``resident_bytes``, ``written_bytes`` and ``processes`` count all processes of a run
    together; they are looked up some twenty times a second, so a fast program overshoots them by
    what it gets done in between.
    """

    seconds: float | None = 60.0
    """On the wall clock; one CPU may be used for as long, or ``cpu_seconds``."""
    cpu_seconds: int | None = None
    memory_bytes: int | None = 4 << 30
    """Of address space, for each process; None for JVM, Go and node, which reserve what they
    never use."""
    resident_bytes: int | None = 4 << 30
    """Of memory that is really used."""
    file_bytes: int = 256 << 20
    """For each file that is written."""
    written_bytes: int | None = 2 << 30
    """To disk; what is written and deleted again counts."""
    temporary_bytes: int = 256 << 20
    """Of files in the private /tmp and /dev/shm, each; they are memory."""
    processes: int | None = 512
    """Threads included."""
    output_bytes: int = 1 << 20
    """Of standard output and of standard error, each; a program that writes more is killed."""


class Stop(StrEnum):
    """The limit for which a program was killed from outside."""

    TIME = "time"
    OUTPUT = "output"
    MEMORY = "memory"
    PROCESSES = "processes"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a program."""

    exit_code: int | None
    """Negative for a signal; None when it was killed for the limit in ``stopped``.  A program that
    ends itself with 128 + n cannot be told from one that signal n ended."""
    stdout: bytes
    stderr: bytes
    timed_out: bool
    truncated: bool
    """Whether it wrote more than ``output_bytes``."""
    stopped: Stop | None = None


def limited(argv: Sequence[str], limits: Limits, *, has_own_processes: bool = False) -> list[str]:
    """Return a command that limits itself and then becomes ``argv``.

    The limits are set by a program of their own and not by ``preexec_fn``, which is unsafe beside
    threads.

    Args:
        argv: The command.
        limits: What it may use.
        has_own_processes: Whether the processes of this user are counted for this run alone.
            Elsewhere the kernel counts the user's others, too, and innocents would suffer.
    """
    cpu = limits.cpu_seconds
    if cpu is None and limits.seconds is not None:
        cpu = int(limits.seconds) + 1
    processes = None
    if has_own_processes and limits.processes is not None:
        processes = limits.processes + SPARE_PROCESSES
    if (prlimit := shutil.which("prlimit")) is not None:
        rules = {"core": 0, "nofile": _OPEN_FILES, "fsize": limits.file_bytes, "cpu": cpu}
        rules |= {"as": limits.memory_bytes, "nproc": processes}
        options = [
            f"--{name}={_lowered(name, value)}"
            for name, value in rules.items()
            if value is not None
        ]
        return [prlimit, *options, "--", *argv]
    script = ["ulimit -c 0", f"ulimit -f {max(1, limits.file_bytes // 512)}"]
    if cpu is not None:
        script.append(f"ulimit -t {cpu}")
    if limits.memory_bytes is not None:
        script.append(f"ulimit -v {limits.memory_bytes // 1024}")
    shell = " && ".join((*(f"{rule} 2>/dev/null" for rule in script), 'exec "$@"'))
    return ["/bin/sh", "-c", shell, "sh", *argv]


def _lowered(name: str, value: int) -> int:
    """Return a limit, or the one that this process has, if that is lower: it cannot be raised."""
    allowed = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    return value if allowed == resource.RLIM_INFINITY else min(value, allowed)


def counts_processes_by_namespace() -> bool:
    """Tell whether the kernel counts a user's processes in each user namespace for itself.

    It does since Linux 5.14, for all users but root, whom this limit never binds.
    """
    system = os.uname()
    numbers = system.release.split("-")[0].split(".")[:2]
    version = tuple(int(number) if number.isdigit() else 0 for number in numbers)
    return system.sysname == "Linux" and version >= (5, 14)

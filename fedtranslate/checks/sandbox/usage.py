"""What the processes of a run use together: how many they are, their memory, what they wrote.

Looked up in /proc.  Of a process namespace its own /proc is read, from outside: it lists all
processes of the run, whatever they did to hide, and no others.  Without a namespace they are those
of the run's session and all their descendants.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.checks.sandbox.limits import Limits, Stop

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _SESSION, _THREADS, _RESIDENT = 1, 3, 17, 21
"""Places in /proc/PID/stat behind the name of the program; see proc(5)."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process as /proc has it."""

    pid: int
    parent: int
    session: int
    threads: int
    resident_bytes: int


def exceeded(proc: int, processes: Iterable[Process], limits: Limits) -> Stop | None:
    """Return the first limit that the processes exceed together, if any.

    Args:
        proc: A descriptor of the /proc that lists them.
        processes: May be endless; no more are taken than are allowed.
        limits: What they may use.
    """
    threads = resident = 0
    taken: list[Process] = []
    for process in processes:
        taken.append(process)
        threads += process.threads
        resident += process.resident_bytes
        if limits.processes is not None and threads > limits.processes:
            return Stop.PROCESSES
    if (
        limits.resident_bytes is not None
        and resident > limits.resident_bytes
        and sum(_proportional_bytes(proc, one) for one in taken) > limits.resident_bytes
    ):
        return Stop.MEMORY
    if (
        limits.written_bytes is not None
        and sum(_written_bytes(proc, one) for one in taken) > limits.written_bytes
    ):
        return Stop.DISK
    return None


def processes_in(proc: int) -> Iterator[Process]:
    """Yield the processes that a /proc lists."""
    for name in os.listdir(proc):
        if name.isdigit() and (process := _process(proc, name)):
            yield process


def processes_of(proc: int, leader: int) -> list[Process]:
    """Return the processes of the leader's session, and what descends from them."""
    everybody = list(processes_in(proc))
    found = {one.pid for one in everybody if one.session == leader or one.pid == leader}
    before = 0
    while before != len(found):
        before = len(found)
        found |= {one.pid for one in everybody if one.parent in found}
    return [one for one in everybody if one.pid in found]


def members(pid: int) -> list[int]:
    """Return, as they are numbered here, a process that ``start`` gave and all that it started."""
    proc = open_proc(None)
    if proc is None:
        return [pid]
    try:
        return [one.pid for one in processes_of(proc, pid)]
    finally:
        os.close(proc)


def open_proc(holder: int | None) -> int | None:
    """Open the /proc of the namespace that a process holds, or ours; None while there is none.

    Args:
        holder: The first process of the namespace, as it is numbered here.
    """
    place = "/proc" if holder is None else f"/proc/{holder}/root/proc"
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    # Until the namespace has mounted its own, ours is seen there, and all that run on this machine.
    if holder is not None and os.fstat(descriptor).st_dev == Path("/proc").stat().st_dev:
        os.close(descriptor)
        return None
    return descriptor


def _process(proc: int, name: str) -> Process | None:
    said = _read(proc, f"{name}/stat")
    _, _, rest = said.rpartition(b") ")
    fields = rest.split()
    if len(fields) <= _RESIDENT:
        return None
    return Process(
        pid=int(name),
        parent=int(fields[_PARENT]),
        session=int(fields[_SESSION]),
        threads=int(fields[_THREADS]),
        resident_bytes=int(fields[_RESIDENT]) * _PAGE,
    )


def _proportional_bytes(proc: int, process: Process) -> int:
    """Return the memory of a process, of what it shares with others only its part."""
    said = _read(proc, f"{process.pid}/smaps_rollup")
    return 1024 * _number(said, b"\nPss:") if said else process.resident_bytes


def _written_bytes(proc: int, process: Process) -> int:
    """Return what a process, and the children it has buried, have sent to disk."""
    return _number(_read(proc, f"{process.pid}/io"), b"\nwrite_bytes:")


def _number(text: bytes, name: bytes) -> int:
    words = text.partition(name)[2].split(maxsplit=1)
    return int(words[0]) if words else 0


def _read(proc: int, name: str) -> bytes:
    with contextlib.suppress(OSError):
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
        try:
            return os.read(descriptor, 1 << 16)
        finally:
            os.close(descriptor)
    return b""

"""Run programs with bubblewrap: the strongest of the back-ends, and the fastest.

Each program gets namespaces of its own for users, processes, network, mounts, host name and
System V objects, no capability, no way to get one, and a file system that is put together from what
``view`` lists.  When it ends, or this process does, the kernel kills all that it started.

What is not covered:

- Flaws of the kernel, of whose system calls ``filter`` closes only a few.
- What can be learned from shared hardware: timing, caches, load; and from /proc what the kernel
  says of the machine as a whole.
- The disk: ``written_bytes`` does not count space that is reserved and not written, nor how many
  empty files there are.
- Memory that the kernel holds for a program, such as what waits in its sockets and pipes.
- Root: run by root, a program is still root to files that it can see.  It sees them read-only, and
  settings of the kernel likewise; yet an ordinary user is the better choice.
- The number of processes, run by root or on Linux before 5.14, and memory, both where no control
  group can be made: they are counted now and then, and not held by the kernel.  A fork bomb is then
  contained, and yet may slow the machine down for a minute.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from fedtranslate.checks.sandbox.filter import call_filter
from fedtranslate.checks.sandbox.job import Isolation, Job, Launch
from fedtranslate.checks.sandbox.limits import counts_processes_by_namespace, limited
from fedtranslate.checks.sandbox.view import MASKED_PROC, READ_ONLY_PROC, view

_SPACES = ("user", "pid", "net", "ipc", "uts", "cgroup-try")
_NEEDED = ("--size", "--json-status-fd", "--remount-ro")
_PROBE_SECONDS = 10.0


class Bubblewrap:
    """Contained by the program ``bwrap``."""

    name = "bubblewrap"
    isolation = Isolation(network=True, files=True, processes=True)

    def unusable(self) -> str:
        """Return what is missing."""
        program = shutil.which("bwrap")
        if program is None:
            return "bwrap was not found (apt-get install bubblewrap)"
        if missing := [option for option in _NEEDED if option not in _help(program)]:
            return f"bwrap is too old: it does not know {missing[0]} (0.7 does)"
        return ""

    def find(self, program: str) -> Path | None:
        """Return where this machine has the program."""
        found = shutil.which(program)
        return Path(found) if found else None

    def launch(self, job: Job) -> Launch:
        """Return bwrap's command; it tells of itself through a pipe."""
        seen = view(job)
        told, telling = os.pipe()
        program = shutil.which("bwrap") or "bwrap"
        words = [program, *_alone(program), "--json-status-fd", str(telling)]
        words += ["--proc", "/proc", *_proc(), "--dev", "/dev"]
        size = str(job.limits.temporary_bytes)
        for memory in ("/dev/shm", "/tmp"):  # noqa: S108 - the private ones
            words += ["--perms", "1777", "--size", size, "--tmpfs", memory]
        for shown in seen.shown:
            bind = "--bind" if shown.is_writable else "--ro-bind"
            words += [bind, str(shown.source), str(shown.place)]
        for place, target in seen.links:
            words += ["--symlink", target, str(place)]
        inherited = [telling]
        for name, text in seen.files.items():
            inherited.append(_in_memory(text))
            words += ["--file", str(inherited[-1]), name]
        if rules := call_filter():
            inherited.append(_in_memory(rules))
            words += ["--seccomp", str(inherited[-1])]
        words += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", str(job.folder), "--"]
        words += limited(job.argv, job.limits, has_own_processes=counts_processes_by_namespace())
        return Launch(words, seen.environment, inherited=inherited, status=told)


def _alone(program: str) -> list[str]:
    words = [f"--unshare-{space}" for space in _SPACES]
    words += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--hostname", "sandbox"]
    return [*words, "--disable-userns"] if "--disable-userns" in _help(program) else words


@cache
def _proc() -> tuple[str, ...]:
    """Return the options that keep root from the kernel's settings below /proc."""
    words: list[str] = []
    for name in READ_ONLY_PROC:
        if Path("/proc", name).is_dir():
            words += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for name in MASKED_PROC:
        if Path("/proc", name).exists():
            words += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    return tuple(words)


@cache
def _help(program: str) -> str:
    try:
        done = subprocess.run(
            [program, "--help"], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _in_memory(text: bytes) -> int:
    """Return a descriptor from which ``text`` can be read once."""
    descriptor = os.memfd_create("fedtranslate")
    os.write(descriptor, text)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor

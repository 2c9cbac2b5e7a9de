"""Run a compiler on text that is not trusted, within limits.

What is covered: wall-clock and CPU time, address space, size of written files (output included),
core dumps, the environment (only the variables below are passed on), the current folder, and the
network where ``unshare`` may make a network namespace for us.  At the end, or when time is up,
the whole process group is killed.

What is not covered:

- The file system: a program sees and reads all that its user may read, and may write there.
- A process that starts a session of its own escapes the kill at the end.
- The network, where ``unshare -rn`` is forbidden; ``has_network_namespace`` tells.
- Memory of programs that reserve far more address space than they use, such as a JVM: they get
  no limit here and must be limited by their own options.
- Flaws of the kernel.

So this is fit for compilers, which read hostile text but do not run it.  It is not fit to run the
translations themselves.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_PASSED_ON = ("PATH", "JAVA_HOME", "MONO_PATH", "MONO_CFG_DIR", "LD_LIBRARY_PATH")
_PROBE_SECONDS = 10.0
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use; None sets no limit."""

    seconds: float | None = 60.0
    """On the wall clock; one CPU may be used for as long, or ``cpu_seconds``."""
    cpu_seconds: int | None = None
    memory_bytes: int | None = 4 << 30
    """Of address space, for each process."""
    file_bytes: int = 256 << 20
    """For each file that is written; standard output and error are such files."""
    processes: int | None = None
    """Of this user, threads included, on the whole machine: too few, and innocents suffer."""
    output_bytes: int = 1 << 20
    """How much of standard output and of standard error is read."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a program."""

    exit_code: int | None
    """Negative for a signal; None when it was killed because time was up."""
    stdout: bytes
    stderr: bytes
    timed_out: bool
    truncated: bool
    """Whether it wrote more than ``output_bytes``."""


def find_program(name: str) -> Path | None:
    """Return where the program ``name`` is, by PATH; None when it is nowhere."""
    found = shutil.which(name)
    return Path(found) if found else None


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    stdin: bytes = b"",
    readable: Sequence[Path] = (),  # noqa: ARG001 - all of the file system is readable today
    environment: Mapping[str, str] = _NOTHING,
) -> Finished:
    """Run a program to its end in ``folder``, or kill it and all its group when time is up.

    Args:
        argv: The program and its arguments; no shell reads them.
        folder: Where it runs, and the one place where it may write.
        limits: What it may use.
        stdin: What it reads.
        readable: Files and folders that it reads besides those of the system.
        environment: Variables it gets besides the few that every program gets.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            _command(argv, limits),
            cwd=folder,
            env={**_environment(folder), **environment},
            stdin=given,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        timed_out = False
        try:
            process.wait(timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            kill_group(process)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(limits.output_bytes + 1))
    return Finished(
        exit_code=None if timed_out else process.returncode,
        stdout=texts[0][: limits.output_bytes],
        stderr=texts[1][: limits.output_bytes],
        timed_out=timed_out,
        truncated=any(len(text) > limits.output_bytes for text in texts),
    )


def start(argv: Sequence[str], *, folder: Path, limits: Limits) -> subprocess.Popen[bytes]:
    """Start a program that is spoken with over its standard input and output.

    The caller watches the time (``limits.seconds`` counts for CPU time only, if set), and ends
    it with ``kill_group``.
    """
    return subprocess.Popen(
        _command(argv, limits),
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that ``run`` or ``start`` began, with all processes of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@cache
def has_network_namespace() -> bool:
    """Tell whether programs can be cut off from the network here; tried once."""
    if find_program("unshare") is None:
        return False
    try:
        probe = subprocess.run(
            ["unshare", "-rn", "true"], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def _command(argv: Sequence[str], limits: Limits) -> list[str]:
    """Return a command that limits itself and then becomes ``argv``.

    The limits are set by a shell and not by ``preexec_fn``, which is unsafe beside threads.
    """
    cpu = limits.cpu_seconds
    if cpu is None and limits.seconds is not None:
        cpu = int(limits.seconds) + 1
    rules = ["ulimit -c 0", f"ulimit -f {max(1, limits.file_bytes // 512)}"]
    if cpu is not None:
        rules.append(f"ulimit -t {cpu}")
    if limits.memory_bytes is not None:
        rules.append(f"ulimit -v {limits.memory_bytes // 1024}")
    if limits.processes is not None:  # -u in bash, -p in dash
        rules.append(f"{{ ulimit -u {limits.processes} || ulimit -p {limits.processes}; }}")
    script = " && ".join((*(f"{rule} 2>/dev/null" for rule in rules), 'exec "$@"'))
    away = ["unshare", "-rn"] if has_network_namespace() else []
    return ["/bin/sh", "-c", script, "sh", *away, *argv]


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}

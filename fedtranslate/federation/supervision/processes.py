"""Start programs, and make sure that they end.

Each is bound to this process: should it be killed, the kernel stops them.  What they print
goes to one log file each.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fedtranslate.errors import FederationError

_END_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_TAIL_BYTES = 16_384
# Asks the kernel for SIGTERM at the death of the parent (prctl 1), then becomes the program.  A
# parent that died before that was asked sends no signal any more.
_BOUND = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15);"
    " os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execvp(sys.argv[2], sys.argv[2:])"
)


class Processes:
    """Programs that run for as long as this context is open.

    Args:
        log_folder: Made if missing.
        environment: Of all of them, besides that of this process.
    """

    def __init__(self, log_folder: Path, environment: Mapping[str, str]) -> None:
        self._logs = log_folder
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Make the folder for logs."""
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all programs, the last started first."""
        stop(list(reversed(self._running.values())))

    def start(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start a program; ``name`` names its log."""
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        self._running[name] = spawn(argv, {**self._environment, **(environment or {})}, log)

    def check(self) -> None:
        """Raise if a program has ended by itself.

        Raises:
            FederationError: One has; the message has the end of its log.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                raise FederationError(
                    f"The program {name} ended with code {process.returncode}:\n{self.tail(name)}"
                )

    def tail(self, name: str) -> str:
        """Return the last lines of a program's log."""
        return last_lines(self._logs / f"{name}.log")


def spawn(
    argv: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own; it ends when this process does.

    Args:
        argv: The program is looked for beside the running Python first.
        environment: Besides that of this process.
        log: What the program prints is appended to it.
    """
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-c", _BOUND, str(os.getpid()), *argv],
            env={**os.environ, "PATH": beside, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(running: Sequence[subprocess.Popen[bytes]], seconds: float = _END_SECONDS) -> None:
    """End programs, in this order; those that do not end in time are killed with their children."""
    for process in running:
        _signal(process.pid, signal.SIGTERM)
    end = time.monotonic() + seconds
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, end - time.monotonic()))
        # Also for children that outlived it.
        _signal(process.pid, signal.SIGKILL)
        process.wait()


def kill_group(group: int) -> None:
    """Kill what is left of a process group."""
    _signal(group, signal.SIGKILL)


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log; nothing where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def end_with_parent() -> None:
    """End this process, whatever it does, soon after its parent has ended.

    For apps: Flower starts them, not ``Processes``, and does not end them when it is killed.  A
    thread looks who the parent is, because the kernel's own signal goes by the thread that
    started the process, which may end long before its program.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody uses at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(bound.getsockname()[1]) for bound in sockets]
    for bound in sockets:
        bound.close()
    return ports


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)

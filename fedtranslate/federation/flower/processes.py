"""Start Flower's programs on loopback, and make sure that they end.

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
from fedtranslate.federation.flower import QUIET

_END_SECONDS = 5.0
_LOOK_SECONDS = 1.0
# Asks the kernel for SIGTERM at the death of the parent (prctl 1), then becomes the program.
_BOUND = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execvp(sys.argv[1], sys.argv[1:])"
)


class Processes:
    """Programs that run for as long as this context is open.

    Args:
        log_folder: Made if missing.
        home: Where Flower keeps its own files.
    """

    def __init__(self, log_folder: Path, home: Path) -> None:
        self._logs = log_folder
        self._environment = {
            **os.environ,
            **QUIET,
            "FLWR_HOME": str(home),
            "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.2",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
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
        """Stop all programs, the last started first; kill those that do not end."""
        running = list(reversed(self._running.values()))
        for process in running:
            _signal(process, signal.SIGTERM)
        end = time.monotonic() + _END_SECONDS
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            # Also for children that outlived it.
            _signal(process, signal.SIGKILL)
            process.wait()

    def start(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start a program; ``name`` names its log."""
        with (self._logs / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-c", _BOUND, *argv],
                env={**self._environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

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
        text = (self._logs / f"{name}.log").read_text("utf-8", "replace")
        return "\n".join(text.splitlines()[-15:])


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


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return

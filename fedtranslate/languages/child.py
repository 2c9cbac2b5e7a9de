"""A process that answers one line at a time and can be killed.

It is a fresh interpreter, never a fork: this process may have threads and much memory.
"""

import contextlib
import faulthandler
import json
import os
import queue
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from fedtranslate.errors import WorkerTimeoutError

_HERE = str(Path(__file__).resolve().parents[2])
_START_SECONDS = 60.0
_MEMORY_BYTES = 2 << 30
_PROGRAM = "import sys; sys.path.insert(0, {here!r}); from {module} import serve; serve()"


class Child:
    """The process; it starts at the first question, and again after one has killed it.

    Args:
        module: Its function ``serve`` is what the process does.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return self._process.pid if self._process else None

    def ask(self, request: object, seconds: float) -> Any:  # noqa: ANN401 - it is JSON
        """Return the answer to a request; both are JSON.

        Raises:
            TimeoutError: It did not come in time.
            EOFError: The process died of it.
            WorkerTimeoutError: There is no answer, since the process cannot be started.
        """
        process = self._process or self._start()
        try:
            _send(process.stdin, json.dumps([seconds, request]) + "\n")
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise TimeoutError from None
        except BrokenPipeError:
            reply = b""
        if not reply:
            self.close()
            raise EOFError
        return json.loads(reply)

    def close(self) -> None:
        """Kill the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: a folder called fedtranslate in the current folder must not be imported instead.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM.format(here=_HERE, module=self._module)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._process = process
        self._replies = queue.SimpleQueue()
        threading.Thread(target=_forward, args=(process.stdout, self._replies), daemon=True).start()
        try:
            ready = self._replies.get(timeout=_START_SECONDS)
        except queue.Empty:
            ready = b""
        if not ready:
            self.close()
            raise WorkerTimeoutError(
                "The process that parses untrusted text did not start.",
                hint=f"Try it by hand: {sys.executable} -c 'import {self._module}'.",
            )
        return process


def answer_all(answer: Callable[[Any], object]) -> None:
    """Be the child: answer each line of standard input with one line.

    Should the parent die while an answer hangs, the watchdog of faulthandler ends this process: it
    is a thread of C code, and works while the parser keeps Python from running.
    """
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = _MEMORY_BYTES if allowed == resource.RLIM_INFINITY else min(_MEMORY_BYTES, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Path(os.devnull).open("w") as nowhere:
        _reply("ready")
        for line in sys.stdin.buffer:
            seconds, request = json.loads(line)
            faulthandler.dump_traceback_later(2 * seconds + 1, exit=True, file=nowhere)
            _reply(answer(request))
            faulthandler.cancel_dump_traceback_later()


def _reply(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _send(stream: IO[bytes] | None, request: str) -> None:
    if stream is None:
        raise BrokenPipeError
    stream.write(request.encode())
    stream.flush()


def _forward(stream: IO[bytes] | None, replies: "queue.SimpleQueue[bytes]") -> None:
    """Put each line into the queue, and an empty one at the end."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream or ():
            replies.put(line)
    replies.put(b"")

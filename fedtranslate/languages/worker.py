"""Parse text that is not trusted, in a process that can be killed.

A parser is C code fed with whatever a model or a repository holds: it may loop, crash or take all
memory.  The worker is a fresh interpreter (never a fork) that gets one text at a time as a line
of JSON; a text that it does not answer in time costs one process, and one Problem for that text.
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
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from fedtranslate.errors import WorkerTimeoutError
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Problem

MAX_CHARACTERS = 1_000_000
"""Longer texts are refused unparsed."""
_HERE = str(Path(__file__).resolve().parents[2])
_START_SECONDS = 60.0
_MEMORY_BYTES = 2 << 30
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[2]); "
    "from fedtranslate.languages.worker import serve; serve()"
)


class ParseWorker:
    """A process that parses; use it as a context manager.

    It starts at the first text, and again after a text has killed it.

    Args:
        timeout_seconds: For one text.
    """

    def __init__(self, timeout_seconds: float = 5.0) -> None:
        self._timeout = timeout_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is no worker."""
        return self._process.pid if self._process else None

    def problems(self, texts: Sequence[str], language: str) -> list[tuple[Problem, ...]]:
        """Return what ``parse_problems`` says of each text, in order.

        Raises:
            UnknownNameError: There is no such language.
            WorkerTimeoutError: Not even a worker could be started.
        """
        name = load_pack(language).name
        return [self._ask(text, name) for text in texts]

    def close(self) -> None:
        """Kill the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, text: str, language: str) -> tuple[Problem, ...]:
        if len(text) > MAX_CHARACTERS:
            return (Problem(1, 1, f"the text is longer than {MAX_CHARACTERS:,} characters"),)
        process = self._process or self._start()
        request = json.dumps([language, text]) + "\n"
        try:
            _send(process.stdin, request)
            reply = self._replies.get(timeout=self._timeout)
        except queue.Empty:
            self.close()
            return (Problem(1, 1, f"the parser did not finish within {self._timeout:g} s"),)
        except BrokenPipeError:
            reply = b""
        if not reply:
            self.close()
            return (Problem(1, 1, "the parser crashed on this text"),)
        return tuple(Problem(*fields) for fields in json.loads(reply))

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: a folder called fedtranslate in the current folder must not be imported instead.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, str(self._timeout), _HERE],
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
                hint=f"Try it by hand: {sys.executable} -c 'import fedtranslate.languages.worker'.",
            )
        return process


def serve() -> None:
    """Be the worker: answer each line of standard input with one line.

    Should the parent die while a text hangs, the watchdog of faulthandler ends this process: it
    is a thread of C code, and works while the parser keeps Python from running.
    """
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    patience = 2 * float(sys.argv[1]) + 1
    with Path(os.devnull).open("w") as nowhere:
        _reply("ready")
        for line in sys.stdin.buffer:
            faulthandler.dump_traceback_later(patience, exit=True, file=nowhere)
            language, text = json.loads(line)
            _reply([astuple(problem) for problem in parse_problems(text, load_pack(language))])
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

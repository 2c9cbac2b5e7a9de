"""A JVM that stays warm and compiles Java, and the way to speak with it.

It runs ``parsers/java/CompileServer.java``, starts with the first request and ends with this
process.  When a text makes it hang, crash or run out of memory, that text goes without an answer
and the others get a new JVM.
"""

import base64
import contextlib
import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fedtranslate.checks import sandbox
from fedtranslate.errors import CheckError
from fedtranslate.records import Problem

TIMEOUT_SECONDS = 30.0
"""For each text."""
_BATCH = 64
_MAX_SERVERS = 4
_START_SECONDS = 60.0
_JVM = ("-Xmx1g", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_EXIT = ("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash")
# A JVM reserves far more address space than it uses, so -Xmx bounds its memory instead.
_LIMITS = sandbox.Limits(seconds=None, memory_bytes=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the compiler said of one text."""

    phase: str
    """How far it came: ``parse``, ``analyze`` or ``done``."""
    problems: tuple[Problem, ...]


class CompileServer:
    """The JVM; one request at a time, of many texts."""

    def __init__(
        self,
        java: Path,
        source: Path,
        timeout_seconds: float = TIMEOUT_SECONDS,
        readable: tuple[Path, ...] = (),
    ) -> None:
        self._java = java
        self._source = source
        self._readable = (source, *readable)
        self._timeout = timeout_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._scratch = tempfile.TemporaryDirectory(prefix="fedtranslate-java-")

    @property
    def pid(self) -> int | None:
        """The process that holds the JVM; None while there is none."""
        return self._process.pid if self._process else None

    def ask(
        self, class_path: str, source_path: str, texts: Sequence[str], threads: int = 1
    ) -> list[Answer | None]:
        """Compile each text for itself; None where the compiler hung or crashed on it.

        Raises:
            CheckError: The JVM does not start.
        """
        answers: dict[int, Answer | None] = {}
        todo = list(range(len(texts)))
        with self._lock:
            while todo:
                batch, todo = todo[: _BATCH * threads], todo[_BATCH * threads :]
                said = self._request(class_path, source_path, [texts[i] for i in batch], threads)
                answers |= {batch[place]: answer for place, answer in said.items()}
                left = [index for index in batch if index not in answers]
                if len(batch) == 1:
                    answers |= dict.fromkeys(left)
                    continue
                # Those that were at work are among the first without an answer.
                for index in left[:threads]:
                    alone = self._request(class_path, source_path, [texts[index]], 1)
                    answers[index] = alone.get(0)
                todo = left[threads:] + todo
        return [answers[index] for index in range(len(texts))]

    def close(self) -> None:
        """End the JVM; the next request starts another."""
        with self._lock:
            self._stop()

    def _request(
        self, class_path: str, source_path: str, texts: Sequence[str], threads: int
    ) -> dict[int, Answer | None]:
        """Return the answers that come; the JVM is gone when one did not."""
        words = (_word(word) for word in (class_path, source_path, *texts))
        request = b",".join((str(threads).encode(), *words)) + b"\n"
        answers: dict[int, Answer | None] = {}
        process = self._process or self._start()
        try:
            _send(process.stdin, request)
            while len(answers) < len(texts):
                line = self._answers.get(timeout=self._timeout)
                if not line:
                    raise BrokenPipeError
                index, answer = _read(line)
                answers[index] = answer
        except (queue.Empty, BrokenPipeError):
            self._stop()
        return answers

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        sandbox.kill_group(process)
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        folder = Path(self._scratch.name)
        nowhere = folder / "nowhere"
        nowhere.mkdir(exist_ok=True)
        patience = str(int(2000 * self._timeout))
        argv = [str(self._java), *_JVM, *_EXIT, str(self._source), patience, str(nowhere)]
        process = self._process = sandbox.start(
            argv, folder=folder, limits=_LIMITS, readable=self._readable
        )
        answers = self._answers = queue.SimpleQueue()
        threading.Thread(target=_forward, args=(process.stdout, answers), daemon=True).start()
        try:
            ready = answers.get(timeout=_START_SECONDS)
        except queue.Empty:
            ready = b""
        if not ready:
            self._stop()
            raise CheckError(
                f"The Java compiler could not be started with {self._java}.",
                hint="It needs a JDK of version 17 or newer; a JRE has no compiler.",
            )
        return process


_SERVERS: dict[tuple[Path, Path, tuple[Path, ...]], CompileServer] = {}
_SERVERS_LOCK = threading.Lock()


def compile_server(java: Path, source: Path, readable: tuple[Path, ...] = ()) -> CompileServer:
    """Return the JVM of a class path, which can read that and nothing else; few are kept."""
    key = (java, source, readable)
    with _SERVERS_LOCK:
        server = _SERVERS.pop(key, None) or CompileServer(java, source, readable=readable)
        _SERVERS[key] = server
        oldest = _SERVERS.pop(next(iter(_SERVERS))) if len(_SERVERS) > _MAX_SERVERS else None
    if oldest is not None:
        oldest.close()
    return server


def _word(text: str) -> bytes:
    return base64.b64encode(text.encode("utf-8", "replace"))


def _read(line: bytes) -> tuple[int, Answer | None]:
    said = json.loads(line)
    problems = tuple(Problem(**one) for one in said["problems"])
    crashed = said["phase"] == "crash"
    return said["text"], None if crashed else Answer(said["phase"], problems)


def _send(stream: IO[bytes] | None, request: bytes) -> None:
    if stream is None:
        raise BrokenPipeError
    stream.write(request)
    stream.flush()


def _forward(stream: IO[bytes] | None, answers: "queue.SimpleQueue[bytes]") -> None:
    """Put each line into the queue, and an empty one at the end."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream or ():
            answers.put(line)
    answers.put(b"")

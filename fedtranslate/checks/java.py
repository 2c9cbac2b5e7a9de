"""Compile Java with one JVM that stays warm.

The JVM runs ``parsers/java/CompileServer.java``; it starts with the first compilation and ends
with this process, or when a text makes it hang, crash or run out of memory: then that text is not
checked, and the next one gets a new JVM.
"""

import base64
import contextlib
import json
import queue
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fedtranslate.checks import sandbox
from fedtranslate.checks.program import CompileContext, Program, not_checked, program, verdict
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Problem, Verdict

TIMEOUT_SECONDS = 30.0
_START_SECONDS = 60.0
_MAX_FILES = 20_000
_MAX_SERVERS = 4
_JVM = ("-Xmx512m", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_EXIT = ("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash")
# A JVM reserves far more address space than it uses, so -Xmx bounds its memory instead.
_LIMITS = sandbox.Limits(seconds=None, memory_bytes=None)
_PACKAGE = re.compile(rb"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)

_UNRESOLVED = frozenset(
    f"compiler.err.{code}"
    for code in (
        "cant.resolve",
        "cant.resolve.args",
        "cant.resolve.args.params",
        "cant.resolve.location",
        "cant.resolve.location.args",
        "cant.resolve.location.args.params",
        "doesnt.exist",
        "package.not.visible",
        "cant.access",
    )
)
_UNRESOLVED_IF_LONE = frozenset(
    f"compiler.err.{code}"
    for code in (
        "method.does.not.override.superclass",
        "static.methods.cannot.be.annotated.with.override",
        "missing.meth.body.or.decl.abstract",
        "does.not.override.abstract",
        "mod.not.allowed.here",
        "recursive.ctor.invocation",
        "type.doesnt.take.params",
        "cant.apply.diamond.1",
    )
)
"""What a unit is blamed for when its class has other members or base types, or is generic."""


@dataclass(frozen=True, slots=True)
class _Answer:
    phase: str
    problems: tuple[Problem, ...]


class CompileServer:
    """The JVM and the way to speak with it; one request at a time."""

    def __init__(
        self,
        java: Path,
        source: Path,
        timeout_seconds: float = TIMEOUT_SECONDS,
        readable: tuple[Path, ...] = (),
    ) -> None:
        self._java = java
        self._source = source
        self._timeout = timeout_seconds
        self._readable = (source, *readable)
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._scratch = tempfile.TemporaryDirectory(prefix="fedtranslate-java-")

    @property
    def pid(self) -> int | None:
        """The process that holds the JVM; None while there is none."""
        return self._process.pid if self._process else None

    def ask(self, class_path: str, source_path: str, text: str) -> _Answer | None:
        """Compile one file; None when the compiler hung or crashed on it.

        Raises:
            CheckError: The JVM does not start.
        """
        words = (class_path, source_path, "Unit.java", text)
        request = b",".join(base64.b64encode(word.encode("utf-8", "replace")) for word in words)
        with self._lock:
            process = self._process or self._start()
            try:
                _send(process.stdin, request + b"\n")
                line = self._answers.get(timeout=self._timeout)
            except (queue.Empty, BrokenPipeError):
                line = b""
            if not line:
                self._stop()
                return None
        answer = json.loads(line)
        if answer["phase"] == "crash":
            return None
        return _Answer(answer["phase"], tuple(Problem(**one) for one in answer["problems"]))

    def close(self) -> None:
        """End the JVM; the next request starts another."""
        with self._lock:
            self._stop()

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


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext
) -> list[Verdict]:
    """Compile each text for itself in the warm JVM."""
    java = sandbox.find_program("java")
    if java is None:
        return [not_checked(f"no Java compiler found; {pack.compile.help}")] * len(texts)
    server = _server(java, pack.folder / "CompileServer.java", tuple(context.class_path))
    class_path, source_path = _paths(context.class_path)
    try:
        return [
            _judge(server, program(text, pack, context), class_path, source_path) for text in texts
        ]
    except CheckError as error:
        return [not_checked(str(error))] * len(texts)


def _judge(server: CompileServer, made: Program, class_path: str, source_path: str) -> Verdict:
    answer = server.ask(class_path, source_path, made.text)
    if answer is None:
        return not_checked("the Java compiler hung or crashed on this text")
    return verdict(
        made,
        answer.problems,
        is_unresolved=lambda problem: _is_unresolved(problem, made),
        is_syntax=answer.phase == "parse",
    )


def _is_unresolved(problem: Problem, made: Program) -> bool:
    if problem.code in _UNRESOLVED:
        return True
    if not made.is_lone:
        return False
    own = rf"in class (?:java\.lang\.Object|{re.escape(made.class_name)}) cannot be applied"
    return problem.code in _UNRESOLVED_IF_LONE or re.search(own, problem.message) is not None


def _server(java: Path, source: Path, readable: tuple[Path, ...] = ()) -> CompileServer:
    """Return the JVM of a class path, which can read that and nothing else; few are kept."""
    key = (java, source, readable)
    with _SERVERS_LOCK:
        server = _SERVERS.pop(key, None) or CompileServer(java, source, readable=readable)
        _SERVERS[key] = server
        oldest = _SERVERS.pop(next(iter(_SERVERS))) if len(_SERVERS) > _MAX_SERVERS else None
    if oldest is not None:
        oldest.close()
    return server


def _paths(entries: Iterable[Path]) -> tuple[str, str]:
    """Return class path and source path; folders are searched for the roots of their packages."""
    binaries, sources = [], []
    for entry in entries:
        binaries.append(str(entry.resolve()))
        if entry.is_dir():
            sources += [str(root.resolve()) for root in _source_roots(entry)]
    return ":".join(binaries), ":".join(sources)


def _source_roots(folder: Path) -> list[Path]:
    """Return the folders in which the packages of the Java files below ``folder`` begin."""
    roots: dict[Path, None] = {}
    for count, file in enumerate(sorted(folder.rglob("*.java"))):
        if count == _MAX_FILES:
            break
        with contextlib.suppress(OSError), file.open("rb") as stream:
            declared = _PACKAGE.search(stream.read(20_000))
            parts = declared[1].decode("utf-8", "replace").split(".") if declared else []
            depth = len(parts)
            if depth == 0 or file.parent.parts[-depth:] == tuple(parts):
                roots[file.parents[depth]] = None
    return list(roots)


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

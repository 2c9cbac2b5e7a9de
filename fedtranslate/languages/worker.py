"""Parse and cut text that is not trusted, in a process that can be killed.

A parser is C code fed with whatever a model or a repository holds: it may loop, crash or take all
memory.  The worker is a fresh interpreter (never a fork) that gets one text at a time as a line
of JSON; a text that it does not answer in time costs one process, and one Problem for that text.
The grammar is loaded in the worker only, and may be as bad.
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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from fedtranslate.errors import PackError, WorkerTimeoutError
from fedtranslate.languages.contribution import (
    as_document,
    contribution_of,
    read_document,
    surroundings_from,
)
from fedtranslate.languages.cutting import CutFile, cut_file
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import language_name, load_pack
from fedtranslate.languages.skeleton import Skeleton, Slot
from fedtranslate.languages.units import CODE_KINDS, units_in
from fedtranslate.records import Problem, Unit

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
            PackError: Its pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        name = language_name(language)
        answers = [self._ask("problems", text, name) for text in texts]
        return [
            answer if isinstance(answer, tuple) else tuple(Problem(*one) for one in answer)
            for answer in answers
        ]

    def units(
        self, text: str, language: str, path: str = "", kinds: Collection[str] = CODE_KINDS
    ) -> tuple[list[Unit], tuple[Problem, ...]]:
        """Return what ``units_in`` finds in a file; nothing, and why, when it cannot be cut.

        Raises:
            UnknownNameError: There is no such language.
            PackError: Its pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        answer = self._ask("units", text, language_name(language), path, sorted(kinds))
        if isinstance(answer, tuple):
            return [], answer
        return [_unit(fields) for fields in answer], ()

    def file(
        self,
        text: str,
        language: str,
        target: str,
        path: str = "",
        *,
        packages: Mapping[str, str] | None = None,
        types: Mapping[str, str] | None = None,
        known: Sequence[tuple[str, Any]] | None = None,
        project: Sequence[str] = (),
    ) -> tuple[CutFile | None, tuple[Problem, ...]]:
        """Return what ``cut_file`` makes of a file; None, and why, when it cannot be cut.

        ``known`` and ``project`` are what ``surroundings_from`` takes, declarations as JSON; None
        where nothing is known of the project.

        Raises:
            UnknownNameError: There is no such language.
            PackError: A pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        names = language_name(language), language_name(target)
        answer = self._ask(
            "file", text, *names, path, dict(packages or {}), dict(types or {}), known, project
        )
        if isinstance(answer, tuple):
            return None, answer
        units, uses, package, target_package, skeleton = answer
        return (
            CutFile(
                units=tuple(_unit(fields) for fields in units),
                uses=tuple(tuple(names) for names in uses),
                package=package,
                target_package=target_package,
                skeleton=None if skeleton is None else _skeleton(*skeleton),
            ),
            (),
        )

    def contribution(self, text: str, language: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what ``contribution_of`` a file is, as JSON: home, names, imports, declarations.

        Nothing of a file that cannot be read.

        Raises:
            UnknownNameError: There is no such language.
            PackError: Its pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        answer = self._ask("contribution", text, language_name(language), path)
        return ("", (), (), ()) if isinstance(answer, tuple) else answer

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

    def _ask(self, what: str, text: str, *rest: object) -> list[Any] | tuple[Problem, ...]:
        """Return the worker's answer, or why there is none."""
        if len(text) > MAX_CHARACTERS:
            return (Problem(1, 1, f"the text is longer than {MAX_CHARACTERS:,} characters"),)
        process = self._process or self._start()
        request = json.dumps([what, text, *rest]) + "\n"
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
        answer = json.loads(reply)
        if isinstance(answer, str):
            raise PackError(answer)
        return list(answer)

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
            try:
                _reply(_answer(*json.loads(line)))
            except PackError as error:
                _reply(str(error))
            faulthandler.cancel_dump_traceback_later()


def _answer(what: str, text: str, language: str, *rest: Any) -> Sequence[object]:  # noqa: ANN401
    pack = load_pack(language)
    if what == "file":
        return _cut(text, pack, *rest)
    if what == "contribution":
        found = contribution_of(text, pack, *rest)
        declared = [as_document(one) for one in found.declared]
        return found.home, found.names, found.imports, declared
    if what == "problems":
        return [astuple(one) for one in parse_problems(text, pack)]
    return [astuple(one) for one in units_in(text, pack, *rest)]


def _cut(
    text: str,
    pack: LanguagePack,
    target: str,
    path: str,
    packages: Mapping[str, str],
    types: Mapping[str, str],
    known: Sequence[tuple[str, Any]] | None,
    project: Sequence[str],
) -> Sequence[object]:
    other = load_pack(target)
    around = None
    if known is not None:
        declared = [(home, read_document(one)) for home, one in known]
        around = surroundings_from(declared, project, pack, other)
    cut = cut_file(text, pack, other, path, packages=packages, types=types, surroundings=around)
    skeleton = cut.skeleton
    pieces = skeleton and [
        piece if isinstance(piece, str) else astuple(piece) for piece in skeleton.pieces
    ]
    return (
        [astuple(unit) for unit in cut.units],
        cut.uses,
        cut.package,
        cut.target_package,
        skeleton and (pieces, skeleton.losses),
    )


def _skeleton(pieces: Sequence[Any], losses: Sequence[str]) -> Skeleton:
    return Skeleton(
        tuple(piece if isinstance(piece, str) else Slot(*piece) for piece in pieces),
        tuple(losses),
    )


def _unit(fields: Sequence[Any]) -> Unit:
    """Return a unit as it was before it became JSON, which knows no tuples."""
    values: list[Any] = [tuple(one) if isinstance(one, list) else one for one in fields]
    return Unit(*values)


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

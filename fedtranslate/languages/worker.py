"""Parse and cut text that is not trusted, in a process that can be killed.

A parser is C code fed with whatever a model or a repository holds: it may loop, crash or take all
memory.  The worker is a fresh interpreter (never a fork) that gets one text at a time as a line
of JSON; a text that it does not answer in time costs one process, and one Problem for that text.
The grammar is loaded in the worker only, and may be as bad.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, fields
from operator import attrgetter
from types import TracebackType
from typing import Any, Self

from fedtranslate.errors import PackError
from fedtranslate.languages.child import Child, answer_all
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import language_name, load_pack
from fedtranslate.languages.skeletons.contribution import (
    as_document,
    contribution_of,
    read_document,
    surroundings_from,
)
from fedtranslate.languages.skeletons.cutting import CutFile, cut_file
from fedtranslate.languages.skeletons.skeleton import Skeleton, Slot
from fedtranslate.languages.trial import forgo_trials
from fedtranslate.languages.units import CODE_KINDS, units_in
from fedtranslate.records import Problem, Unit

MAX_CHARACTERS = 1_000_000
"""Longer texts are refused unparsed."""
_OF_UNITS = attrgetter(*(field.name for field in fields(Unit)))
_OF_SLOTS = attrgetter(*(field.name for field in fields(Slot)))


class ParseWorker:
    """A process that parses; use it as a context manager.

    It starts at the first text, and again after a text has killed it.

    Args:
        timeout_seconds: For one text.
    """

    def __init__(self, timeout_seconds: float = 5.0) -> None:
        self._timeout = timeout_seconds
        self._child = Child(__name__)

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is no worker."""
        return self._child.pid

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
        exposed: Mapping[str, str] | None = None,
    ) -> tuple[CutFile | None, tuple[Problem, ...]]:
        """Return what ``cut_file`` makes of a file; None, and why, when it cannot be cut.

        ``known``, ``project`` and ``exposed`` are what ``surroundings_from`` takes, declarations as
        JSON; None where nothing is known of the project.

        Raises:
            UnknownNameError: There is no such language.
            PackError: A pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        names = language_name(language), language_name(target)
        answer = self._ask(
            "file",
            text,
            *names,
            path,
            dict(packages or {}),
            dict(types or {}),
            known,
            project,
            dict(exposed or {}),
        )
        if isinstance(answer, tuple):
            return None, answer
        units, uses, package, target_package, made = answer
        return (
            CutFile(
                units=tuple(_unit(fields) for fields in units),
                uses=tuple(tuple(names) for names in uses),
                package=package,
                target_package=target_package,
                skeleton=made and _skeleton(made[0], made[1], load_pack(target)),
            ),
            (),
        )

    def contribution(self, text: str, language: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what ``contribution_of`` a file is, as JSON, its fields in their order.

        Nothing of a file that cannot be read.

        Raises:
            UnknownNameError: There is no such language.
            PackError: Its pack is malformed.
            WorkerTimeoutError: Not even a worker could be started.
        """
        answer = self._ask("contribution", text, language_name(language), path)
        return ("", (), (), (), ()) if isinstance(answer, tuple) else answer

    def close(self) -> None:
        """Kill the worker."""
        self._child.close()

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
        try:
            answer = self._child.ask([what, text, *rest], self._timeout)
        except TimeoutError:
            return (Problem(1, 1, f"the parser did not finish within {self._timeout:g} s"),)
        except EOFError:
            return (Problem(1, 1, "the parser crashed on this text"),)
        if isinstance(answer, str):
            raise PackError(answer)
        return list(answer)


def serve() -> None:
    """Be the worker."""
    forgo_trials()
    answer_all(lambda request: _answer(*request))


def _answer(what: str, text: str, language: str, *rest: Any) -> Sequence[object] | str:  # noqa: ANN401
    try:
        pack = load_pack(language)
        if what == "file":
            return _cut(text, pack, *rest)
        if what == "contribution":
            found = contribution_of(text, pack, *rest)
            declared = [as_document(one) for one in found.declared]
            return found.home, found.names, found.imports, declared, found.exposed
        if what == "problems":
            return [astuple(one) for one in parse_problems(text, pack)]
        return [_OF_UNITS(one) for one in units_in(text, pack, *rest)]
    except PackError as error:
        return str(error)


def _cut(
    text: str,
    pack: LanguagePack,
    target: str,
    path: str,
    packages: Mapping[str, str],
    types: Mapping[str, str],
    known: Sequence[tuple[str, Any]] | None,
    project: Sequence[str],
    exposed: Mapping[str, str],
) -> Sequence[object]:
    other = load_pack(target)
    around = None
    if known is not None:
        declared = [(home, read_document(one)) for home, one in known]
        around = surroundings_from(declared, project, exposed, pack, other)
    cut = cut_file(text, pack, other, path, packages=packages, types=types, surroundings=around)
    skeleton = cut.skeleton
    pieces = skeleton and [
        piece if isinstance(piece, str) else _OF_SLOTS(piece) for piece in skeleton.pieces
    ]
    return (
        [_OF_UNITS(unit) for unit in cut.units],
        cut.uses,
        cut.package,
        cut.target_package,
        skeleton and (pieces, skeleton.losses),
    )


def _skeleton(pieces: Sequence[Any], losses: Sequence[str], target: LanguagePack) -> Skeleton:
    return Skeleton(
        tuple(piece if isinstance(piece, str) else Slot(*piece) for piece in pieces),
        tuple(losses),
        target,
    )


def _unit(fields: Sequence[Any]) -> Unit:
    """Return a unit as it was before it became JSON, which knows no tuples."""
    values: list[Any] = [tuple(one) if isinstance(one, list) else one for one in fields]
    return Unit(*values)

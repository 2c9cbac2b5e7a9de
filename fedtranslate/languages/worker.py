"""Parse and cut text that is not trusted, in a process that can be killed.

A parser is C code fed with whatever a model or a repository holds: it may loop, crash or take all
memory.  The worker is a fresh interpreter (never a fork) that gets one text at a time as a line
of JSON; a text that it does not answer in time costs one process, and one Problem for that text.
The grammar is loaded in the worker only, and may be as bad.
"""

from collections.abc import Collection, Sequence
from dataclasses import astuple
from types import TracebackType
from typing import Any, Self

from fedtranslate.errors import PackError
from fedtranslate.languages.child import Child, answer_all
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import language_name, load_pack
from fedtranslate.languages.trial import forgo_trials
from fedtranslate.languages.units import CODE_KINDS, units_in
from fedtranslate.records import Problem, Unit

MAX_CHARACTERS = 1_000_000
"""Longer texts are refused unparsed."""


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


def _answer(what: str, text: str, language: str, *rest: Any) -> list[object] | str:  # noqa: ANN401
    try:
        pack = load_pack(language)
        found = parse_problems(text, pack) if what == "problems" else units_in(text, pack, *rest)
    except PackError as error:
        return str(error)
    return [astuple(one) for one in found]


def _unit(fields: Sequence[Any]) -> Unit:
    """Return a unit as it was before it became JSON, which knows no tuples."""
    values: list[Any] = [tuple(one) if isinstance(one, list) else one for one in fields]
    return Unit(*values)

"""Try a long text in a process that can be killed, before it is parsed in this one.

The watch of ``fedtranslate.languages.parsers`` is asked between two steps of the parser, and one
step can do all the harm: forty kilobytes of ``a<`` in a Java method take gigabytes in the step in
which the parser gives up.  The harm grows with the square of the length, so short texts need no
trial; nor does any text in a process that is itself made to be killed.
"""

import atexit
import threading
from typing import Any

from tree_sitter import Language

from fedtranslate.errors import ParseLimitError, WorkerTimeoutError
from fedtranslate.languages.child import Child, answer_all
from fedtranslate.languages.grammar import Source, grammar_of
from fedtranslate.languages.parsers import limit_error, parse_with

_SHORT = 10_000
"""Bytes that take a quarter of a gigabyte and half a second at the worst."""
_SECONDS, _SECONDS_PER_BYTE = 10.0, 1e-5


class _Trial:
    """The process, which all threads share, and what it refused last."""

    def __init__(self) -> None:
        self.child = Child(__name__)
        self.lock = threading.Lock()
        self.refused: tuple[Source, bytes] | None = None
        """Whoever asks whether a text parses asks for its tokens next."""
        self.is_needed = True


_TRIAL = _Trial()
atexit.register(_TRIAL.child.close)


def forgo_trials() -> None:
    """Parse everything at once, here: this process may be killed by what it parses."""
    _TRIAL.is_needed = False


def try_out(source: Source, code: bytes) -> None:
    """Return if the parser comes to an end of ``code`` with what it may take.

    Where there can be no trial, there is none.

    Raises:
        ParseLimitError: It takes too much time or memory, or crashes.
    """
    if len(code) <= _SHORT or not _TRIAL.is_needed:
        return
    with _TRIAL.lock:
        if _TRIAL.refused == (source, code):
            raise limit_error(code)
        try:
            seconds = _SECONDS + _SECONDS_PER_BYTE * len(code)
            is_good = _TRIAL.child.ask([*source, code.decode("latin-1")], seconds)
        except (TimeoutError, EOFError):
            is_good = False
        except (WorkerTimeoutError, OSError):
            return
        if not is_good:
            _TRIAL.refused = (source, code)
            raise limit_error(code)


def serve() -> None:
    """Be the process."""
    grammars: dict[Source, Language] = {}

    def answer(request: Any) -> bool:  # noqa: ANN401 - it is JSON
        module, function, code = request
        source = (module, function)
        try:
            grammar = grammars.get(source) or grammars.setdefault(source, grammar_of(source))
        except (ImportError, AttributeError, TypeError, ValueError):
            return True  # it is known to the parent only, which has to do without a trial
        try:
            parse_with(grammar, code.encode("latin-1"))
        except ParseLimitError:
            return False
        return True

    answer_all(answer)

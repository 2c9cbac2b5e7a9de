"""Whether what units are compiled with can be right at all: tried on a unit that is."""

from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.records import CompileState, Problem

_UNIT = "int f() { return 1; }"
"""Right in every language of the C family, and in need of nothing; elsewhere it does not parse."""


def unknown_surroundings(context: CompileContext, language: str) -> Problem | None:
    """Return the first name in ``context`` that a compiler cannot find; None if there is none.

    With one, such as a namespace that is spelled well and does not exist, every unit would be
    ``unresolved_only`` for the same reason.  None also where nothing could be tried.
    """
    verdict = compile_units([_UNIT], language, context)[0]
    if verdict.compile_state is not CompileState.UNRESOLVED_ONLY:
        return None
    return next(iter(verdict.problems), None)

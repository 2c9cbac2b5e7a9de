"""Whether what units are compiled with can be right at all: tried on a unit that is."""

from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CompileState, Problem


def unknown_surroundings(context: CompileContext, language: str) -> Problem | None:
    """Return the first name in ``context`` that a compiler cannot find; None if there is none.

    With one, such as a namespace that is spelled well and does not exist, every unit would be
    ``unresolved_only`` for the same reason.  None also where nothing could be tried: there is no
    compiler, or the pack has no ``compile.probe``.
    """
    probe = load_pack(language).compile.probe
    if not probe:
        return None
    verdict = compile_units([probe], language, context)[0]
    if verdict.compile_state is not CompileState.UNRESOLVED_ONLY:
        return None
    return next(iter(verdict.problems), None)

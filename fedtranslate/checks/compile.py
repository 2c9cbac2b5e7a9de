"""Compile units or whole files with the compiler of their language.

States are never guessed: where there is no compiler, or it failed itself, the verdict says that
nothing was checked, and why.
"""

from collections.abc import Sequence

from fedtranslate.checks import command, csharp, java
from fedtranslate.checks.program import CompileContext as CompileContext
from fedtranslate.checks.program import not_checked
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Verdict

_DRIVERS = {
    "command": command.compile_programs,
    "java": java.compile_programs,
    "mcs": csharp.compile_programs,
}


def compile_units(texts: Sequence[str], language: str, context: CompileContext) -> list[Verdict]:
    """Compile each text for itself; return one verdict for each, in order.

    ``Verdict.parses`` is what the compiler's own parser says; True when nothing was checked.

    Raises:
        UnknownNameError: There is no such language.
    """
    pack = load_pack(language)
    driver = _DRIVERS.get(pack.compile.tool)
    if driver is None:
        return [not_checked(f"{pack.title} has no compile check")] * len(texts)
    return driver(texts, pack, context)


def compile_file(text: str, language: str, context: CompileContext) -> Verdict:
    """Compile one whole file."""
    return compile_units([text], language, context)[0]

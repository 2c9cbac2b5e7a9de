"""Compile units or whole files with the compiler of their language.

States are never guessed: where there is no compiler, or it failed itself, the verdict says that
nothing was checked, and why.
"""

from collections.abc import Callable, Sequence

from fedtranslate.checks import command, csharp, java
from fedtranslate.checks.beyond import weighed
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.checks.fingerprint import fingerprint, surroundings
from fedtranslate.checks.program import CompileContext as CompileContext
from fedtranslate.checks.program import not_checked
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import Verdict

MAX_CHARACTERS = 2_000_000
"""Longer texts are refused: no unit needs them, and compilers take gigabytes for them."""
Driver = Callable[[Sequence[str], LanguagePack, CompileContext, int], list[Verdict]]
DRIVERS: dict[str, Driver] = {
    "command": command.compile_programs,
    "java": java.compile_programs,
    "mcs": csharp.compile_programs,
}


def compile_units(
    texts: Sequence[str],
    language: str,
    context: CompileContext,
    *,
    jobs: int = 1,
    cache: VerdictCache | None = None,
) -> list[Verdict]:
    """Compile each text for itself; return one verdict for each, in order.

    ``Verdict.parses`` is what the compiler's own parser says; True when nothing was checked.

    Args:
        texts: Units or whole files; one that comes twice is compiled once.
        language: Theirs.
        context: Where they belong.
        jobs: How many compilers, or threads of one, work at a time.
        cache: Where verdicts are remembered; None to compile everything anew.

    Raises:
        UnknownNameError: There is no such language.
    """
    return compile_pack_units(texts, load_pack(language), context, jobs=jobs, cache=cache)


def compile_pack_units(
    texts: Sequence[str],
    pack: LanguagePack,
    context: CompileContext,
    *,
    jobs: int = 1,
    cache: VerdictCache | None = None,
) -> list[Verdict]:
    """Do the same for a pack that need not be in the registry."""
    if pack.compile.tool not in DRIVERS:
        return [not_checked(f"{pack.title} has no compile check")] * len(texts)
    found = _refused(texts)
    rest = [text for text in dict.fromkeys(texts) if text not in found]
    around = surroundings(pack, context) if cache is not None and rest else None
    if cache is None or around is None:
        found |= zip(rest, _driven(rest, pack, context, jobs), strict=True)
        return [found[text] for text in texts]
    keys = {text: fingerprint(text, around) for text in rest}
    known = cache.get(list(keys.values()))
    found |= {text: known[key] for text, key in keys.items() if key in known}
    new = [text for text in rest if text not in found]
    said = dict(zip(new, _driven(new, pack, context, jobs), strict=True))
    cache.put({keys[text]: verdict for text, verdict in said.items()})
    found |= said
    return [found[text] for text in texts]


def compile_file(text: str, language: str, context: CompileContext) -> Verdict:
    """Compile one whole file."""
    return compile_units([text], language, context)[0]


def _driven(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext, jobs: int
) -> list[Verdict]:
    """Return what the compiler says of each text, as far as it can read it."""
    said = DRIVERS[pack.compile.tool](texts, pack, context, jobs)
    return [weighed(text, one, pack) for text, one in zip(texts, said, strict=True)]


def _refused(texts: Sequence[str]) -> dict[str, Verdict]:
    """Return the verdicts on texts that no compiler gets to see."""
    said = not_checked(f"the text is longer than the {MAX_CHARACTERS:,} characters compiled")
    return {text: said for text in texts if len(text) > MAX_CHARACTERS}

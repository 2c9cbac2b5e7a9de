"""Say what is wrong with a language pack, as far as its compiler can tell."""

from collections.abc import Iterator
from functools import partial

from fedtranslate.checks.compile import DRIVERS, CompileContext, compile_pack_units
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packcheck import Finding, broken_examples
from fedtranslate.records import CompileState, Verdict


def compile_findings(pack: LanguagePack) -> Iterator[Finding]:
    """Yield what is wrong; nothing where the compiler is not on this machine.

    Every broken example must have the state that its name says.  The other examples may use more of
    the language than the compiler knows, and are not asked about.
    """
    if not pack.compile.tool:
        return
    file = pack.folder / "pack.toml"
    if pack.compile.tool not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        yield Finding(file, f"compile.tool: no driver is called {pack.compile.tool!r}", known)
        return
    judge = partial(compile_pack_units, pack=pack, context=CompileContext())
    if pack.compile.probe:
        (verdict,) = judge([pack.compile.probe])
        if verdict.compile_state not in (CompileState.COMPILED, CompileState.NOT_CHECKED):
            yield Finding(file, f"compile.probe is {_told(verdict)}", "give a unit that is right")
    broken = broken_examples(pack)
    for example, verdict in zip(broken, judge([one.text for one in broken]), strict=True):
        if verdict.compile_state not in (example.state, CompileState.NOT_CHECKED):
            hint = "rename it, or mend the patterns in [compile]"
            yield Finding(example.file, f"for the compiler it is {_told(verdict)}", hint)


def _told(verdict: Verdict) -> str:
    said = f"{verdict.compile_state}"
    if not verdict.problems:
        return said
    first = verdict.problems[0]
    return f"{said} (line {first.line}: {first.message})"

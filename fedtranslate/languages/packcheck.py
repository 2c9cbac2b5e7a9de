"""Say what is wrong with a language pack, as far as its grammar and its rules can tell.

What its compiler says of its examples is for ``fedtranslate.checks.packcheck``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Query

from fedtranslate.errors import PackError
from fedtranslate.languages.naming import CONVENTIONS
from fedtranslate.languages.outlines.declarations import outline_lines
from fedtranslate.languages.outlines.outline import outline_of
from fedtranslate.languages.outlines.query import OUTLINE_CAPTURES
from fedtranslate.languages.pack import KINDS, LanguagePack, read_pack
from fedtranslate.languages.packfile import read_pack_file
from fedtranslate.languages.packtext import pack_text
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.skeletons.writecheck import write_mistakes
from fedtranslate.languages.splice import splice_units
from fedtranslate.languages.units import read_source, units_in
from fedtranslate.records import CompileState, Unit

BROKEN_STATES = frozenset(
    {CompileState.SYNTAX_ERROR, CompileState.UNRESOLVED_ONLY, CompileState.TYPE_ERROR}
)
"""What may be wrong with the files in examples/broken, as the beginnings of their names say."""
_CAPTURES = {
    "beyond": {"beyond"},
    "outline": OUTLINE_CAPTURES,
    "parameters": {"parameter", "type", "without"},
    "references": {"call", "type"},
    "types": {"type"},
}
"""Of the queries besides units, which has its captures checked when a pack is read."""
_CONVENTIONAL = frozenset({"method", "function", "property", "type", "constant"})
_NAMING = _CONVENTIONAL | {"getter", "setter", "interface_prefix", "receivers", "constructor"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a pack."""

    file: Path
    problem: str
    hint: str = ""
    """What to do about it."""


@dataclass(frozen=True, slots=True)
class BrokenExample:
    """A file of examples/broken."""

    file: Path
    state: CompileState
    text: str


def pack_findings(folder: Path) -> tuple[LanguagePack | None, list[Finding]]:
    """Return the pack in ``folder``, if it can be read, and what is wrong with it."""
    try:
        pack = read_pack(folder)
    except PackError as error:
        return None, [Finding(folder / "pack.toml", str(error))]
    findings = [
        *_keywords(pack),
        *_naming(pack),
        *_patterns(pack),
        *_queries(pack),
        *_examples(pack),
        *_broken(pack),
        *(Finding(*one) for one in write_mistakes(pack)),
    ]
    return pack, findings


def broken_examples(pack: LanguagePack) -> list[BrokenExample]:
    """Return the files of examples/broken whose names say what is wrong with them."""
    return [
        BrokenExample(file, CompileState(state), read_source(file.read_bytes()).text)
        for file, state in _broken_files(pack)
        if state in BROKEN_STATES
    ]


def example_files(pack: LanguagePack) -> Iterator[tuple[Path, Path | None]]:
    """Yield each golden file, and the source file that it tells the units of; None if missing."""
    for golden in sorted((pack.folder / "examples").glob("*.units.txt")):
        stem = golden.name.removesuffix(".units.txt")
        sources = (golden.with_name(stem + end) for end in pack.extensions)
        yield golden, next((source for source in sources if source.is_file()), None)


def golden_line(unit: Unit) -> str:
    """Return the line that stands for a unit in a golden file."""
    name = f"{unit.container}.{unit.name}" if unit.container else unit.name
    return f"{unit.first_line} {unit.kind} {name}({', '.join(unit.parameters)})"


def _keywords(pack: LanguagePack) -> Iterator[Finding]:
    file = pack.folder / "keywords.txt"
    words = pack_text(file).splitlines()
    if words != sorted(set(words)) or any(word != word.strip() or not word for word in words):
        yield Finding(
            file, "the keywords are not sorted, or one is there twice", "LC_ALL=C sort -u it"
        )
    if pack.ignore_case and words != [word.lower() for word in words]:
        yield Finding(file, "the case does not matter, but not all is lower case", "lower it")


def _naming(pack: LanguagePack) -> Iterator[Finding]:
    file = pack.folder / "pack.toml"
    for key, value in pack.naming.items():
        if key not in _NAMING:
            yield Finding(file, f"naming.{key} is unknown", f"Known: {', '.join(sorted(_NAMING))}")
        elif key in _CONVENTIONAL and value not in CONVENTIONS:
            known = ", ".join(CONVENTIONS)
            yield Finding(file, f"naming.{key}: {value!r} is no convention", f"Known: {known}")


def _patterns(pack: LanguagePack) -> Iterator[Finding]:
    file = pack.folder / "pack.toml"
    for key, pattern in read_pack_file(file).lexer.model_dump().items():
        if isinstance(pattern, str) and re.match(pattern, ""):
            yield Finding(file, f"lexer.{key} matches the empty text", "make it match something")


def _queries(pack: LanguagePack) -> Iterator[Finding]:
    folder = pack.folder / "queries"
    if pack.grammar is None:
        for file in (*sorted(folder.glob("*.scm")), pack.folder / "dataflow.toml"):
            if file.is_file():
                yield Finding(file, "without a grammar nothing reads it", "delete it")
    for name, query in pack.queries.items():
        file = folder / f"{name}.scm"
        if name == "units":
            continue
        if name not in _CAPTURES:
            known = ", ".join(f"{known}.scm" for known in sorted(_CAPTURES))
            yield Finding(file, "nothing reads it", f"Known: units.scm, {known}")
        elif unknown := _capture_names(query) - _CAPTURES[name]:
            known = ", ".join(f"@{known}" for known in sorted(_CAPTURES[name]))
            yield Finding(file, f"the capture @{min(unknown)} is unknown", f"Known: {known}")


def _capture_names(query: Query) -> set[str]:
    names = {query.capture_name(index) for index in range(query.capture_count)}
    return {name for name in names if not name.startswith("_")}


def _examples(pack: LanguagePack) -> Iterator[Finding]:
    examples = list(example_files(pack))
    if not examples:
        hint = "add a source file, and beside it NAME.units.txt with a line for each unit"
        yield Finding(pack.folder / "examples", "there is no example", hint)
    for golden, source in examples:
        if source is None:
            ends = " or ".join(pack.extensions)
            yield Finding(golden, f"there is no file of that name with {ends}", "add the source")
            continue
        data = source.read_bytes()
        units = units_in(read_source(data).text, pack, kinds=KINDS)
        yield from _differences(golden, [golden_line(unit) for unit in units])
        yield from _outline(golden, read_source(data).text, pack)
        for problem in parse_problems(read_source(data).text, pack)[:1]:
            yield Finding(source, f"line {problem.line}: {problem.message}", "mend the example")
        if any(splice_units(data, [(unit, unit.text)]) != data for unit in units):
            yield Finding(source, "a unit put back in its place changes the file", "report this")


def _outline(units: Path, text: str, pack: LanguagePack) -> Iterator[Finding]:
    golden = units.with_name(units.name.replace(".units.txt", ".outline.txt"))
    outline = outline_of(text, pack)
    if outline is not None and not golden.is_file():
        yield Finding(golden, "is missing, and there is an outline.scm", "write it")
    elif outline is None and golden.is_file():
        yield Finding(golden, "there is no outline.scm", "delete it")
    elif outline is not None and golden.read_text("utf-8").splitlines() != outline_lines(outline):
        yield Finding(golden, "the outline of the example is another", "mend queries/outline.scm")


def _differences(golden: Path, found: list[str]) -> Iterator[Finding]:
    expected = golden.read_text("utf-8", "replace").splitlines()
    hint = "mend queries/units.scm or [rules], or this line if it is wrong"
    for line in [line for line in expected if line not in found]:
        yield Finding(golden, f"not found in the example: {line}", hint)
    for line in [line for line in found if line not in expected]:
        yield Finding(golden, f"found, but not here: {line}", hint)
    if sorted(expected) == sorted(found) and expected != found:
        yield Finding(golden, "the units are in another order in the example", hint)


def _broken(pack: LanguagePack) -> Iterator[Finding]:
    known = ", ".join(sorted(BROKEN_STATES))
    for file, state in _broken_files(pack):
        if state not in BROKEN_STATES or file.suffix not in pack.extensions:
            ends = " or ".join(pack.extensions)
            hint = f"call it STATE-WHAT with {ends}; states are {known}"
            yield Finding(file, "its name does not say what is wrong with it", hint)
    broken = broken_examples(pack)
    if not any(one.state is CompileState.SYNTAX_ERROR for one in broken):
        folder = pack.folder / "examples" / "broken"
        yield Finding(folder, "there is no file with a syntax error", "add syntax_error-WHAT")
    for one in broken:
        problems = parse_problems(one.text, pack)
        if one.state is CompileState.SYNTAX_ERROR and not problems:
            hint = "break it in a way that the parser can see"
            yield Finding(one.file, "the parser sees no syntax error", hint)
        elif one.state is not CompileState.SYNTAX_ERROR and problems:
            said = f"the parser sees a syntax error in line {problems[0].line}"
            yield Finding(one.file, f"{said}: {problems[0].message}", "mend it, or rename it")


def _broken_files(pack: LanguagePack) -> list[tuple[Path, str]]:
    folder = pack.folder / "examples" / "broken"
    files = sorted(file for file in folder.glob("*") if file.is_file())
    return [(file, file.name.partition("-")[0]) for file in files]

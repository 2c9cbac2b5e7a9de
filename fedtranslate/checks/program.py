"""Make a program of a unit, and bring the compiler's complaints back to the unit's own lines.

Where indentation means something, a unit that stood deeper in its file is put flush left: its
first line, if that has kept its indentation; else the others, if there is but a comment or a
decorator in the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import (
    constructor_name,
    is_whole,
    needs_class,
    needs_imports,
    wrapping,
)
from fedtranslate.records import CompileState, Problem, Verdict

MAX_PROBLEMS = 20
_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class CompileContext:
    """What surrounds the units that are compiled."""

    class_path: tuple[Path, ...] = ()
    """Folders with sources or binaries, and binaries, of the language that is compiled."""
    usings: tuple[str, ...] = ()
    """What the file imports: names such as ``System.IO``, or whole lines with their semicolon."""
    container: str = ""
    """Name of the type that lone units belong to, its own last when they are nested."""


@dataclass(frozen=True, slots=True)
class Program:
    """A text that a compiler can read, made of a unit or a file."""

    text: str
    first_line: int
    """Where the unit starts in it; counted from 1."""
    unit: str
    is_lone: bool
    """Whether a class had to be put around, whose base types and other members are not known."""
    class_name: str = ""
    """The name of that class."""
    taken_off: tuple[int, ...] = ()
    """How much indentation each line of the unit has lost; none where it is empty."""


def program(unit: str, pack: LanguagePack, context: CompileContext, namespace: str = "") -> Program:
    """Return ``unit`` as a program.

    Args:
        unit: A lone unit, or a whole file, which is left as it is.
        pack: Its language.
        context: Where it belongs.
        namespace: To put lone units in, so that many fit in one compilation; "" for none.
    """
    if is_whole(unit, pack):
        head = _imports(pack, context) if needs_imports(unit, pack) else ""
        text, taken_off = _flush_left(unit, pack) if pack.indented else (unit, ())
        return Program(head + text, head.count("\n") + 1, unit, False, taken_off=taken_off)
    class_name = (
        constructor_name(unit, pack) or context.container.rpartition(".")[2] or pack.wrap_name
    )
    before, after = wrapping(unit, pack, class_name)
    start = pack.wrap_start if before.startswith(pack.wrap_start) else ""
    head = start + _imports(pack, context)
    if namespace:
        head += f"namespace {namespace} {{\n"
        after += " }"
    head += before.removeprefix(start)
    is_lone = needs_class(unit, pack)
    return Program(head + unit + after, head.count("\n") + 1, unit, is_lone, class_name)


def _imports(pack: LanguagePack, context: CompileContext) -> str:
    line = pack.compile.import_line
    return "".join(
        f"{name if name.rstrip().endswith(';') else line.replace('{name}', name)}\n"
        for name in context.usings
    )


def verdict(
    made: Program,
    problems: Sequence[Problem],
    *,
    is_unresolved: Callable[[Problem], bool],
    is_syntax: bool,
) -> Verdict:
    """Judge what a compiler said of one program.

    Args:
        made: The program.
        problems: The compiler's errors, in lines of the program.
        is_unresolved: Tells whether one says no more than that a name is not known.
        is_syntax: Whether the compiler came no further than to parse it.
    """
    if not problems:
        state = CompileState.COMPILED
    elif is_syntax:
        state = CompileState.SYNTAX_ERROR
    elif all(is_unresolved(problem) for problem in problems):
        state = CompileState.UNRESOLVED_ONLY
    else:
        state = CompileState.TYPE_ERROR
    return Verdict(
        parses=state is not CompileState.SYNTAX_ERROR,
        compile_state=state,
        problems=tuple(_in_unit(problem, made) for problem in problems[:MAX_PROBLEMS]),
    )


def not_checked(reason: str) -> Verdict:
    """Return the verdict on a unit that no compiler has seen."""
    return Verdict(parses=True, reason=reason)


def _flush_left(unit: str, pack: LanguagePack) -> tuple[str, tuple[int, ...]]:
    """Return ``unit`` with less indentation, and how many letters each line has lost."""
    lines = unit.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip(" \t"))]
    skipped = pack.opening.skip.match(unit)
    if not indent and skipped and skipped.end() > len(lines[0]):
        indent = _shared_indent(lines[1:])
    if not indent:
        return unit, ()
    lost = tuple(len(indent) if line.startswith(indent) else 0 for line in lines)
    return "\n".join(line[count:] for line, count in zip(lines, lost, strict=True)), lost


def _shared_indent(lines: Sequence[str]) -> str:
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    # Character by character is meant: indentation is no path.
    return commonprefix(indents) if indents else ""  # noqa: RUF071


def _in_unit(problem: Problem, made: Program) -> Problem:
    lines = made.unit.split("\n")
    line = problem.line - made.first_line + 1
    column = problem.column
    if 1 <= line <= len(made.taken_off):
        column += made.taken_off[line - 1]
    if not 1 <= line <= len(lines):
        line = min(max(line, 1), len(lines))
        column = 1 if line == 1 else len(lines[-1]) + 1
    written = lines[line - 1]
    column = min(max(column, 1), len(written) + 1)
    start = max(0, column - 1 - _EXCERPT // 2)
    return Problem(
        line=line,
        column=column,
        message=" ".join(problem.message.split()),
        code=problem.code,
        excerpt=written[start : start + _EXCERPT].strip(),
    )

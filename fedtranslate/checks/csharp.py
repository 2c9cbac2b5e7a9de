"""Compile C# with mcs, the compiler of Mono: roughly C# 7, with the library of .NET 4.5.

Many units are one compilation, each in a namespace of its own, because starting the compiler
costs more than compiling.  The compiler stops after the first stage (names in signatures, then
bodies) in which any unit has an error; so units with errors are taken out and the rest is compiled
again, until nothing complains.  Each unit gets what it would get alone.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.program import CompileContext, Program, not_checked, program, verdict
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Problem, Verdict

TIMEOUT_SECONDS = 60.0
_BATCH = 200
_MAX_FILES = 5_000
_LIMITS = sandbox.Limits(seconds=TIMEOUT_SECONDS, output_bytes=4 << 20)
_ERROR = re.compile(r"^(.*?)\((\d+),(\d+)(?:,\d+,\d+)?\): error (CS\d+): (.*)$", re.MULTILINE)
_ALONE = re.compile(r"^\s*#\s*(?:line|define|undef)|\[\s*(?:assembly|module)\s*:", re.MULTILINE)
"""What touches other units of the same compilation."""

_UNRESOLVED = frozenset(
    {"CS0012", "CS0103", "CS0117", "CS0234", "CS0246", "CS0400", "CS0426", "CS0432", "CS1061"}
)
_UNRESOLVED_IF_LONE = frozenset({"CS0115", "CS0501", "CS0513", "CS0540", "CS1106"})
"""What a unit is blamed for when its class has other base types or is an interface."""

Errors = Mapping[str, list[Problem]]
"""Errors by the name of the file they are in."""


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext
) -> list[Verdict]:
    """Compile all texts, as few compilations as they allow."""
    if sandbox.find_program("mcs") is None:
        return [not_checked(f"no C# compiler found; {pack.compile_help}")] * len(texts)
    references = [f"-r:{path}" for path in _references(context.class_path)]
    made = [
        program(text, pack, context, keyword="using", namespace=f"Unit{index}")
        for index, text in enumerate(texts)
    ]
    verdicts: dict[int, Verdict] = {}
    together = [i for i, one in enumerate(made) if one.is_lone and not _ALONE.search(one.unit)]
    for start in range(0, len(together), _BATCH):
        verdicts |= _judge(together[start : start + _BATCH], made, references)
    for index in range(len(made)):
        if index not in verdicts:
            verdicts |= _judge([index], made, references)
    return [verdicts[index] for index in range(len(made))]


def _judge(
    indices: Sequence[int], made: Sequence[Program], references: Sequence[str]
) -> dict[int, Verdict]:
    """Compile programs together; where the compiler itself fails, each alone."""
    if not indices:
        return {}
    with tempfile.TemporaryDirectory(prefix="fedtranslate-cs-") as name:
        folder = Path(name)
        for index in indices:
            _file(folder, index).write_text(made[index].text, "utf-8", "replace", newline="")
        verdicts = _rounds(indices, made, folder, references)
    if verdicts is not None:
        return verdicts
    if len(indices) == 1:
        return {indices[0]: not_checked("the C# compiler hung or crashed on this text")}
    return {k: v for index in indices for k, v in _judge([index], made, references).items()}


def _rounds(
    indices: Sequence[int], made: Sequence[Program], folder: Path, references: Sequence[str]
) -> dict[int, Verdict] | None:
    """Take out what has errors until nothing has; None when the compiler fails itself."""
    verdicts: dict[int, Verdict] = {}
    for options in (["--parse"], [*references, "-t:library", f"-out:{folder / 'out.dll'}"]):
        is_syntax = options == ["--parse"]
        while rest := [index for index in indices if index not in verdicts]:
            errors = _mcs(options, [_file(folder, index).name for index in rest], folder)
            if errors is None:
                return None
            if not errors:
                break
            found = _attributed(errors, rest, folder)
            if not found:
                return None
            for index, problems in found.items():
                verdicts[index] = _verdict(made[index], problems, is_syntax=is_syntax)
    return {index: verdicts.get(index) or _verdict(made[index], []) for index in indices}


def _attributed(errors: Errors, rest: Sequence[int], folder: Path) -> dict[int, list[Problem]]:
    """Return errors by unit; whatever a unit that is alone causes is its own."""
    if len(rest) == 1:
        return {rest[0]: [problem for problems in errors.values() for problem in problems]}
    return {
        index: errors[_file(folder, index).name]
        for index in rest
        if _file(folder, index).name in errors
    }


def _verdict(made: Program, problems: Sequence[Problem], *, is_syntax: bool = False) -> Verdict:
    unresolved = _UNRESOLVED | _UNRESOLVED_IF_LONE if made.is_lone else _UNRESOLVED
    if made.is_lone and any(_is_about_object(problem) for problem in problems):
        unresolved |= {"CS1729"}
    return verdict(made, problems, unresolved=unresolved, is_syntax=is_syntax)


def _is_about_object(problem: Problem) -> bool:
    """Tell whether a call of ``base(...)`` met object for want of the real base type."""
    return problem.code == "CS1729" and "`object'" in problem.message


def _file(folder: Path, index: int) -> Path:
    return folder / f"unit{index}.cs"


def _mcs(options: Sequence[str], files: Sequence[str], folder: Path) -> Errors | None:
    """Run the compiler; None when it did not end as a compiler does."""
    argv = ["mcs", "-nologo", "-warn:0", "-codepage:utf8", *options, *files]
    done = sandbox.run(argv, folder=folder, limits=_LIMITS)
    if done.exit_code not in (0, 1) or done.truncated:
        return None
    errors: dict[str, list[Problem]] = {}
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    for file, line, column, code, message in _ERROR.findall(said):
        errors.setdefault(file, []).append(Problem(int(line), int(column), message, code))
    if not errors and done.exit_code != 0:
        return None
    return errors


def _references(entries: Iterable[Path]) -> list[Path]:
    """Return assemblies: those given, those in folders, and one made of the sources in them."""
    found = []
    for entry in entries:
        if entry.is_file():
            found.append(entry.resolve())
            continue
        found += sorted(path.resolve() for path in entry.rglob("*.dll"))
        if library := _library(_sources(entry)):
            found.append(library)
    return found


def _sources(folder: Path) -> tuple[tuple[str, str], ...]:
    files = sorted(folder.rglob("*.cs"))[:_MAX_FILES]
    return tuple(
        (str(file.resolve()), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files
    )


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Return the folder of compiled libraries; it goes when this process ends."""
    return tempfile.TemporaryDirectory(prefix="fedtranslate-cslib-")


@cache
def _library(sources: tuple[tuple[str, str], ...]) -> Path | None:
    """Compile sources to one assembly, without those that do not compile.

    A half-migrated library refers to what is not there yet; the files that do are left out, and
    then those that needed them, until the rest compiles.

    Args:
        sources: Files and the hashes of their contents, by which the assembly is remembered.
    """
    digest = hashlib.sha256(repr(sources).encode()).hexdigest()[:16]
    folder = Path(_scratch().name)
    library = folder / f"library-{digest}.dll"
    files = [file for file, _ in sources]
    while files:
        errors = _mcs(["-t:library", f"-out:{library}"], files, folder)
        if errors is None:
            return None
        if not errors:
            return library
        left = [file for file in files if file not in errors]
        if len(left) == len(files):
            return None
        files = left
    return None

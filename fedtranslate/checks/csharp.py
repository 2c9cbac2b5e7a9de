"""Compile C# with mcs, the compiler of Mono: roughly C# 7, with the library of .NET 4.5.

Many units are one compilation, each in a namespace of its own, because starting the compiler
costs more than compiling.  The compiler stops after the first stage (names in signatures, then
bodies) in which any unit has an error; so units with errors are taken out and the rest is compiled
again, until nothing complains.  Each unit gets what it would get alone.

For the same reason a unit with an unknown name in its signature is ``unresolved_only`` whatever
its body holds: the compiler does not get there.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.program import CompileContext, Program, not_checked, program, verdict
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Problem, Verdict

TIMEOUT_SECONDS = 60.0
_BATCH = 200
_MAX_FILES = 5_000
_LIMITS = sandbox.Limits(seconds=TIMEOUT_SECONDS, output_bytes=4 << 20)
_ERROR = re.compile(r"^(.*?)\((\d+),(\d+)(?:,\d+,\d+)?\): error (CS\d+): (.*)$")
_RELATED = re.compile(
    r"^(.*?)(?:\(\d+,\d+\):)? \(Location of the symbol related to previous error\)$"
)
_ALONE = re.compile(r"^\s*#\s*(?:line|define|undef)|\[\s*(?:assembly|module)\s*:", re.MULTILINE)
"""What touches other units of the same compilation."""

_UNRESOLVED = frozenset(
    {"CS0012", "CS0103", "CS0117", "CS0234", "CS0246", "CS0400", "CS0426", "CS0432", "CS1061"}
)
_UNRESOLVED_IF_LONE = frozenset(
    {"CS0115", "CS0216", "CS0308", "CS0501", "CS0513", "CS0540", "CS1106"}
)
"""What a unit is blamed for when its class has other members or base types, or is generic."""

_CONSEQUENCE = frozenset({"CS0150", "CS0622", "CS0841"})
"""What mcs says besides of an ``is`` or a variable whose type is not known."""
_NULLABLE = "CS0453"
"""What it says of `string?`: it knows no nullable reference types, which came with C# 8."""
_OVERLOAD = frozenset({"CS1501", "CS1502", "CS1503", "CS1729"})
_NAMESPACE = "FedtranslateUnit"
_OUTPUT = "FedtranslateUnits.dll"
_FRIENDS = '[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("FedtranslateUnits")]'


@dataclass(frozen=True, slots=True)
class _Error:
    problem: Problem
    related: str
    """The file of the declaration that the compiler points at; may be empty."""


Errors = Mapping[str, list[_Error]]
"""Errors by the name of the file they are in."""


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext, jobs: int = 1
) -> list[Verdict]:
    """Compile all texts, as few compilations as they and ``jobs`` at a time allow."""
    if sandbox.find_program("mcs") is None:
        return [not_checked(f"no C# compiler found; {pack.compile.help}")] * len(texts)
    try:
        return _compile_all(texts, pack, context, jobs)
    except CheckError as error:
        return [not_checked(str(error))] * len(texts)


def _compile_all(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext, jobs: int
) -> list[Verdict]:
    options = [f"-r:{path}" for path in references(context.class_path)]
    made = [
        program(text, pack, context, namespace=f"{_NAMESPACE}{index}")
        for index, text in enumerate(texts)
    ]
    verdicts: dict[int, Verdict] = {}
    with ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(lambda some: _judge(some, made, options), _batches(made, jobs)):
            verdicts |= found
    return [verdicts[index] for index in range(len(made))]


def _batches(made: Sequence[Program], jobs: int) -> list[list[int]]:
    """Return what is compiled together; whole files, and what could disturb others, go alone."""
    fit = [one.is_lone and not _ALONE.search(one.unit) for one in made]
    together = [index for index, is_fit in enumerate(fit) if is_fit]
    size = min(_BATCH, -(-len(together) // jobs)) or 1
    batches = [together[at : at + size] for at in range(0, len(together), size)]
    return [*batches, *([index] for index, is_fit in enumerate(fit) if not is_fit)]


def _judge(
    indices: Sequence[int], made: Sequence[Program], references: Sequence[str]
) -> dict[int, Verdict]:
    """Compile programs together; where the compiler itself fails, each half."""
    if not indices:
        return {}
    with sandbox.scratch("fedtranslate-cs-") as folder:
        for index in indices:
            _file(folder, index).write_text(made[index].text, "utf-8", "replace", newline="")
        verdicts = _rounds(indices, made, folder, references)
    if verdicts is not None:
        return verdicts
    if len(indices) == 1:
        return {indices[0]: not_checked("the C# compiler hung or crashed on this text")}
    half = len(indices) // 2
    return _judge(indices[:half], made, references) | _judge(indices[half:], made, references)


def _rounds(
    indices: Sequence[int], made: Sequence[Program], folder: Path, references: Sequence[str]
) -> dict[int, Verdict] | None:
    """Take out what has errors until nothing has; None when the compiler fails itself."""
    verdicts: dict[int, Verdict] = {}
    for options in (["--parse"], [*references, "-t:library", f"-out:{folder / _OUTPUT}"]):
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
            for index, own in found.items():
                verdicts[index] = _verdict(made[index], own, is_syntax=is_syntax)
    return {index: verdicts.get(index) or _verdict(made[index], []) for index in indices}


def _attributed(errors: Errors, rest: Sequence[int], folder: Path) -> dict[int, list[_Error]]:
    """Return errors by unit; whatever a unit that is alone causes is its own."""
    if len(rest) == 1:
        return {rest[0]: [error for some in errors.values() for error in some]}
    return {
        index: errors[_file(folder, index).name]
        for index in rest
        if _file(folder, index).name in errors
    }


def _verdict(made: Program, errors: Sequence[_Error], *, is_syntax: bool = False) -> Verdict:
    for problem in (error.problem for error in errors):
        if problem.code == _NULLABLE and "Nullable<T>" in problem.message:
            line = problem.line - made.first_line + 1
            return not_checked(f"mcs knows C# 7, and no nullable reference types; line {line}")
    unknown = any(error.problem.code in _UNRESOLVED for error in errors)
    excused = {
        error.problem
        for error in errors
        if error.problem.code in _UNRESOLVED
        or (unknown and error.problem.code in _CONSEQUENCE)
        or (made.is_lone and _is_of_the_class(error))
    }
    return verdict(
        made,
        [error.problem for error in errors],
        is_unresolved=lambda problem: problem in excused,
        is_syntax=is_syntax,
    )


def _is_of_the_class(error: _Error) -> bool:
    """Tell whether other members or base types of the unit's real class could put it right."""
    if error.problem.code in _UNRESOLVED_IF_LONE:
        return True
    own = bool(error.related) and not Path(error.related).is_absolute()
    return error.problem.code in _OVERLOAD and (own or "`object'" in error.problem.message)


def _file(folder: Path, index: int) -> Path:
    return folder / f"unit{index}.cs"


def _mcs(options: Sequence[str], files: Sequence[str], folder: Path) -> Errors | None:
    """Run the compiler; None when it did not end as a compiler does."""
    argv = ["mcs", "-nologo", "-warn:0", "-codepage:utf8", *options, *files]
    named = [option.removeprefix("-r:") for option in options if option.startswith("-r:")]
    readable = [Path(name) for name in (*named, *files) if Path(name).is_absolute()]
    done = sandbox.run(argv, folder=folder, limits=_LIMITS, readable=readable)
    if done.exit_code not in (0, 1) or done.truncated:
        return None
    errors = _errors((done.stdout + b"\n" + done.stderr).decode("utf-8", "replace"))
    return None if not errors and done.exit_code != 0 else errors


def _errors(said: str) -> Errors:
    errors: dict[str, list[_Error]] = {}
    lines = said.splitlines()
    related = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not (found := _ERROR.match(line)):
            continue
        file, row, column, code, message = found.groups()
        if code != "CS1503":  # an argument: it follows the error about the call
            pointed = _RELATED.match(following)
            related = pointed[1] if pointed else ""
        problem = Problem(int(row), int(column), _without_namespaces(message), code)
        errors.setdefault(file, []).append(_Error(problem, related))
    return errors


def _without_namespaces(message: str) -> str:
    """Drop the namespaces that we put around units, and advice to use a neighbour's."""
    message = re.sub(r" Are you missing [^?]*\?$", "", message)
    return re.sub(rf"{_NAMESPACE}\d+\.", "", message)


def references(entries: Sequence[Path]) -> list[Path]:
    """Return assemblies: those given, those in folders, and one made of all sources in them."""
    found = [entry.resolve() for entry in entries if entry.is_file()]
    folders = [entry for entry in entries if entry.is_dir()]
    found += [path.resolve() for folder in folders for path in sorted(folder.rglob("*.dll"))]
    found = list(dict.fromkeys(found))
    library = _library(_hashed(path for folder in folders for path in folder.rglob("*.cs")), *found)
    return found if library is None else [*found, library]


def _hashed(files: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    distinct = sorted({file.resolve() for file in files if file.is_file()})[:_MAX_FILES]
    return tuple((str(file), hashlib.sha256(file.read_bytes()).hexdigest()) for file in distinct)


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Return the folder of compiled libraries; it goes when this process ends."""
    return tempfile.TemporaryDirectory(prefix="fedtranslate-cslib-")


@cache
def _library(sources: tuple[tuple[str, str], ...], *references: Path) -> Path | None:
    """Compile sources to one assembly, without those that do not compile.

    What is internal in it is open to the units that are compiled against it, as it would be if
    they stood beside its files.

    A half-migrated library refers to what is not there yet; the files that do are left out, and
    then those that needed them, until the rest compiles.

    Args:
        sources: Files and the hashes of their contents, by which the assembly is remembered.
        *references: Assemblies that the sources need.
    """
    digest = hashlib.sha256(repr((sources, references)).encode()).hexdigest()[:16]
    folder = Path(_scratch().name)
    friends = folder / "Friends.cs"
    friends.write_text(_FRIENDS, "utf-8")
    options = ["-t:library", *(f"-r:{path}" for path in references)]
    library = folder / f"library-{digest}.dll"
    files = [file for file, _ in sources]
    while files:
        errors = _mcs([*options, f"-out:{library}"], [*files, friends.name], folder)
        if errors is None:
            return None
        if not errors:
            return library
        left = [file for file in files if file not in errors]
        if len(left) == len(files):
            return None
        files = left
    return None

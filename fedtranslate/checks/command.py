"""Compile with a compiler that a pack declares: its command line, and how to read what it says.

Every unit is a compilation of its own, in an empty folder, unless the pack says that the compiler
takes many files which know nothing of each other.  Then units that are complained of are taken out
and the rest is compiled again, until nothing is complained of: compilers that stop after the first
stage in which any file has an error say of each unit what they would say of it alone.  A batch in
which the compiler itself fails is halved.

The pack tells by patterns which complaints are about syntax, and which say no more than that a
name is not known.  A complaint about another file than the unit's own is never put on the unit.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from fedtranslate.checks import sandbox
from fedtranslate.checks.complaints import Complaint, first_line, matches, read_complaints
from fedtranslate.checks.program import (
    CompileContext,
    Program,
    not_checked,
    program,
    verdict,
)
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import CompileTable
from fedtranslate.languages.parsing import parses
from fedtranslate.records import Problem, Verdict


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why nothing can be said of what was compiled."""

    reason: str


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext, jobs: int = 1
) -> list[Verdict]:
    """Compile each text, ``jobs`` commands at a time."""
    table = pack.compile
    if sandbox.find_program(table.command[0]) is None:
        said = f"{table.command[0]} was not found; {table.help}"
        return [not_checked(said)] * len(texts)
    made = [program(text, pack, context) for text in texts]
    verdicts: dict[int, Verdict] = {}
    try:
        with ThreadPoolExecutor(jobs) as pool:
            for found in pool.map(
                lambda indices: _judge(indices, made, pack, context), _batches(made, pack.compile)
            ):
                verdicts |= found
    except CheckError as error:
        return [not_checked(str(error))] * len(texts)
    return [verdicts[index] for index in range(len(made))]


def _batches(made: Sequence[Program], table: CompileTable) -> list[list[int]]:
    """Return what is compiled together; alone goes what could disturb the others."""
    alone = re.compile(table.alone) if table.alone else None
    together, batches = [], []
    for index, one in enumerate(made):
        if table.batch > 1 and not (alone and alone.search(one.text)):
            together.append(index)
        else:
            batches.append([index])
    return [
        *(together[at : at + table.batch] for at in range(0, len(together), table.batch)),
        *batches,
    ]


def _judge(
    indices: Sequence[int], made: Sequence[Program], pack: LanguagePack, context: CompileContext
) -> dict[int, Verdict]:
    """Compile programs together; where the compiler itself fails, each half."""
    found = _compile([made[index] for index in indices], pack, context)
    if not isinstance(found, _Failure):
        return dict(zip(indices, found, strict=True))
    if len(indices) == 1:
        return {indices[0]: not_checked(found.reason)}
    half = len(indices) // 2
    return _judge(indices[:half], made, pack, context) | _judge(indices[half:], made, pack, context)


def _compile(
    programs: Sequence[Program], pack: LanguagePack, context: CompileContext
) -> list[Verdict] | _Failure:
    table = pack.compile
    with sandbox.scratch("fedtranslate-unit-") as folder:
        for other, text in table.files.items():
            (folder / other).write_text(text, "utf-8")
        files = {}
        for index, one in enumerate(programs):
            file = folder / _file_name(pack, index if len(programs) > 1 else None)
            made = _around(one, table, index)
            file.write_text(made.text, "utf-8", "replace", newline="")
            files[file.name] = made
        return _rounds(files, folder, pack, context)


def _file_name(pack: LanguagePack, index: int | None) -> str:
    """Return the name of a file; an ``index`` where several lie in one folder."""
    if index is None:
        return pack.compile.file or f"unit{pack.extensions[0]}"
    return f"unit{index}{pack.extensions[0]}"


def _around(made: Program, table: CompileTable, index: int) -> Program:
    """Put around a program what only the compiler wants, such as the name of a package."""
    if table.unless and re.search(table.unless, made.text):
        return made
    before, after = (text.replace("{index}", str(index)) for text in (table.before, table.after))
    return replace(
        made, text=before + made.text + after, first_line=made.first_line + before.count("\n")
    )


def _rounds(
    files: Mapping[str, Program], folder: Path, pack: LanguagePack, context: CompileContext
) -> list[Verdict] | _Failure:
    """Take out what is complained of until nothing is."""
    table = pack.compile
    verdicts: dict[str, Verdict] = {}
    for template in (table.parse_command, table.command):
        while template and (rest := [name for name in files if name not in verdicts]):
            found = _complaints(template, rest, folder, table, context)
            if isinstance(found, _Failure):
                return found
            for name, problems in found.items():
                parsing = template is table.parse_command
                verdicts[name] = _verdict(files[name], problems, pack, parsing=parsing)
                (folder / name).unlink()
            if not found:
                break
    return [verdicts.get(name) or _verdict(files[name], [], pack) for name in files]


def _verdict(
    made: Program, problems: Sequence[Problem], pack: LanguagePack, *, parsing: bool = False
) -> Verdict:
    """Tell what the complaints amount to.

    Some follow from a name that is not known; a compiler of C even takes an unknown type for
    broken syntax.  They do not count where our own parser finds nothing wrong.
    """
    table = pack.compile
    unknown = {problem for problem in problems if _is_unresolved(problem, made, table)}
    if unknown and table.unresolved_beside and parses(made.unit, pack):
        beside = table.unresolved_beside
        unknown.update(problem for problem in problems if matches(beside, [problem]))
    known = [problem for problem in problems if problem not in unknown]
    return verdict(
        made,
        problems,
        is_unresolved=lambda problem: problem in unknown,
        is_syntax=parsing or matches(table.syntax, known),
    )


def _is_unresolved(problem: Problem, made: Program, table: CompileTable) -> bool:
    """Tell whether no more is wrong than that a name is not known, or what stands above."""
    if problem.line < made.first_line or matches(table.unresolved, [problem]):
        return True
    own = table.unresolved_if_lone.replace("{name}", re.escape(made.class_name))
    return made.is_lone and matches(own, [problem])


def _complaints(
    template: Sequence[str],
    names: Sequence[str],
    folder: Path,
    table: CompileTable,
    context: CompileContext,
) -> dict[str, list[Problem]] | _Failure:
    """Run the compiler; return what it complains of by file, nothing when it is content."""
    done = sandbox.run(
        _filled(template, names, folder, table, context.class_path),
        folder=folder,
        limits=_limits(table),
        readable=context.class_path,
        environment=_environment(table.environment, folder),
    )
    if done.exit_code == 0:
        return {}
    if done.timed_out:
        return _Failure(f"{template[0]} did not end within {table.seconds:g} s on this text")
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    said = said.replace(f"{folder}/", "")  # its name is another each time
    found = read_complaints(said, table.error)
    own: dict[str, list[Problem]] = {}
    for complaint in found:
        name = PurePosixPath(complaint.file).name or (names[0] if len(names) == 1 else "")
        if name in names:
            own.setdefault(name, []).append(complaint.problem)
    return own or _Failure(_unread(template[0], said, found))


def _unread(compiler: str, said: str, found: Sequence[Complaint]) -> str:
    if found:
        other = found[0]
        return (
            f"{compiler} complains of another file, {PurePosixPath(other.file).name} in line"
            f" {other.problem.line}: {other.problem.message}"
        )
    told = first_line(said)
    return f"{compiler} failed: {told}" if told else f"{compiler} failed and said nothing"


def _filled(
    template: Sequence[str],
    names: Sequence[str],
    folder: Path,
    table: CompileTable,
    class_path: Sequence[Path],
) -> list[str]:
    """Return a command with its places filled; two of them become any number of words."""
    words: list[str] = []
    for word in template:
        if word == "{path_options}":
            words += [
                part.replace("{path}", str(path.resolve()))
                for path in class_path
                for part in table.path_option
            ]
        elif word == "{files}":
            words += names
        else:
            words.append(word.replace("{file}", names[0]).replace("{folder}", str(folder)))
    return words


def _environment(table: Mapping[str, str], folder: Path) -> dict[str, str]:
    return {name: value.replace("{folder}", str(folder)) for name, value in table.items()}


def _limits(table: CompileTable) -> sandbox.Limits:
    if table.limit_memory:
        return sandbox.Limits(seconds=table.seconds)
    return sandbox.Limits(seconds=table.seconds, memory_bytes=None)

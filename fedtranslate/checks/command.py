"""Compile with a compiler that a pack declares: its command line, and how to read what it says.

Every unit is a compilation of its own, in an empty folder.  The pack tells by patterns which
complaints are about syntax, and which say no more than that a name is not known.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.program import CompileContext, Program, not_checked, program, verdict
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import CompileTable
from fedtranslate.languages.parsing import parses
from fedtranslate.records import Problem, Verdict


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext
) -> list[Verdict]:
    """Compile each text for itself."""
    if sandbox.find_program(pack.compile.command[0]) is None:
        said = f"{pack.compile.command[0]} was not found; {pack.compile.help}"
        return [not_checked(said)] * len(texts)
    return [_compile(_around(program(text, pack, context), pack), pack, context) for text in texts]


def _around(made: Program, pack: LanguagePack) -> Program:
    """Put around a program what only the compiler wants, such as the name of a package."""
    before, after = pack.compile.before, pack.compile.after
    return Program(
        text=before + made.text + after,
        first_line=made.first_line + before.count("\n"),
        unit=made.unit,
        is_lone=made.is_lone,
        class_name=made.class_name,
    )


def _compile(made: Program, pack: LanguagePack, context: CompileContext) -> Verdict:
    table = pack.compile
    with tempfile.TemporaryDirectory(prefix="fedtranslate-unit-") as name:
        folder = Path(name)
        for other, text in table.files.items():
            (folder / other).write_text(text, "utf-8")
        file = folder / (table.file or f"unit{pack.extensions[0]}")
        file.write_text(made.text, "utf-8", "replace", newline="")
        if table.parse_command:
            problems = _complaints(table.parse_command, file, table, context)
            if problems is None:
                return _failed(table.parse_command)
            if problems:
                return verdict(made, problems, is_unresolved=_never, is_syntax=True)
        problems = _complaints(table.command, file, table, context)
        if problems is None:
            return _failed(table.command)
    return _judged(made, problems, pack)


def _judged(made: Program, problems: Sequence[Problem], pack: LanguagePack) -> Verdict:
    """Tell what the complaints amount to; C compilers take an unknown type for broken syntax."""
    table = pack.compile
    unknown = {problem for problem in problems if _is_unresolved(problem, made, table)}
    if unknown and table.follows and parses(made.unit, pack):
        unknown.update(problem for problem in problems if _matches(table.follows, [problem]))
    known = [problem for problem in problems if problem not in unknown]
    return verdict(
        made,
        problems,
        is_unresolved=lambda problem: problem in unknown,
        is_syntax=_matches(table.syntax, known),
    )


def _failed(command: Sequence[str]) -> Verdict:
    return not_checked(f"{command[0]} hung or failed on this text")


def _never(problem: Problem) -> bool:  # noqa: ARG001
    return False


def _complaints(
    template: Sequence[str], file: Path, table: CompileTable, context: CompileContext
) -> list[Problem] | None:
    """Run the compiler; None when it did not end as a compiler does."""
    done = sandbox.run(
        _filled(template, file, table, context.class_path),
        folder=file.parent,
        limits=_limits(table),
        readable=context.class_path,
        environment=_environment(table.environment, file),
    )
    if done.exit_code is None or done.truncated:
        return None
    if done.exit_code == 0:
        return []
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    return _problems(said, table) or None


def _problems(said: str, table: CompileTable) -> list[Problem]:
    found = []
    for match in re.finditer(table.error, said, re.MULTILINE):
        groups = match.groupdict()
        found.append(
            Problem(
                line=int(groups["line"]),
                column=int(groups.get("column") or 1),
                message=groups["message"].strip(),
                code=groups.get("code") or "",
            )
        )
    return found


def _is_unresolved(problem: Problem, made: Program, table: CompileTable) -> bool:
    if _matches(table.unresolved, [problem]):
        return True
    own = table.unresolved_if_lone.replace("{name}", re.escape(made.class_name))
    return made.is_lone and _matches(own, [problem])


def _matches(pattern: str, problems: Sequence[Problem]) -> bool:
    """Tell whether ``pattern`` is in the code and message of one of ``problems``."""
    return bool(pattern) and any(
        re.search(pattern, f"{problem.code} {problem.message}") for problem in problems
    )


def _filled(
    template: Sequence[str], file: Path, table: CompileTable, class_path: Sequence[Path]
) -> list[str]:
    """Return a command with its places filled; ``{path_options}`` becomes any number of words."""
    words: list[str] = []
    for word in template:
        if word == "{path_options}":
            words += [
                part.replace("{path}", str(path.resolve()))
                for path in class_path
                for part in table.path_option
            ]
        else:
            words.append(_placed(word, file))
    return words


def _environment(table: Mapping[str, str], file: Path) -> dict[str, str]:
    return {name: _placed(value, file) for name, value in table.items()}


def _placed(word: str, file: Path) -> str:
    return word.replace("{file}", file.name).replace("{folder}", str(file.parent))


def _limits(table: CompileTable) -> sandbox.Limits:
    if table.limit_memory:
        return sandbox.Limits(seconds=table.seconds)
    return sandbox.Limits(seconds=table.seconds, memory_bytes=None)

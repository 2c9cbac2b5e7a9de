"""Compile Java with one JVM that stays warm, many units in one request.

What is compiled is never run: not its static code, and not the annotation processors or compiler
plugins that a class path holds.
"""

import contextlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.jvm import Answer, compile_server
from fedtranslate.checks.program import CompileContext, Program, not_checked, program, verdict
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Problem, Verdict

_MAX_FILES = 20_000
_PACKAGE = re.compile(rb"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)

_UNRESOLVED = frozenset(
    f"compiler.err.{code}"
    for code in (
        "cant.resolve",
        "cant.resolve.args",
        "cant.resolve.args.params",
        "cant.resolve.location",
        "cant.resolve.location.args",
        "cant.resolve.location.args.params",
        "doesnt.exist",
        "package.not.visible",
        "cant.access",
    )
)
_UNRESOLVED_IF_LONE = frozenset(
    f"compiler.err.{code}"
    for code in (
        "method.does.not.override.superclass",
        "static.methods.cannot.be.annotated.with.override",
        "missing.meth.body.or.decl.abstract",
        "does.not.override.abstract",
        "mod.not.allowed.here",
        "recursive.ctor.invocation",
        "type.doesnt.take.params",
        "cant.apply.diamond.1",
    )
)
"""What a unit is blamed for when its class has other members or base types, or is generic."""


def compile_programs(
    texts: Sequence[str], pack: LanguagePack, context: CompileContext, jobs: int = 1
) -> list[Verdict]:
    """Compile each text for itself in the warm JVM, by ``jobs`` threads."""
    java = sandbox.find_program("java")
    if java is None:
        return [not_checked(f"no Java compiler found; {pack.compile.help}")] * len(texts)
    server = compile_server(java, pack.folder / "CompileServer.java", context.class_path)
    made = [program(text, pack, context) for text in texts]
    try:
        answers = server.ask(*_paths(context.class_path), [one.text for one in made], jobs)
    except CheckError as error:
        return [not_checked(str(error))] * len(texts)
    return [_judge(one, answer) for one, answer in zip(made, answers, strict=True)]


def _judge(made: Program, answer: Answer | None) -> Verdict:
    if answer is None:
        return not_checked("the Java compiler hung or crashed on this text")
    return verdict(
        made,
        answer.problems,
        is_unresolved=lambda problem: _is_unresolved(problem, made),
        is_syntax=answer.phase == "parse",
    )


def _is_unresolved(problem: Problem, made: Program) -> bool:
    if problem.code in _UNRESOLVED:
        return True
    if not made.is_lone:
        return False
    own = rf"in class (?:java\.lang\.Object|{re.escape(made.class_name)}) cannot be applied"
    return problem.code in _UNRESOLVED_IF_LONE or re.search(own, problem.message) is not None


def _paths(entries: Iterable[Path]) -> tuple[str, str]:
    """Return class path and source path; folders are searched for the roots of their packages."""
    binaries, sources = [], []
    for entry in entries:
        binaries.append(str(entry.resolve()))
        if entry.is_dir():
            sources += [str(root.resolve()) for root in _source_roots(entry)]
    return ":".join(binaries), ":".join(sources)


def _source_roots(folder: Path) -> list[Path]:
    """Return the folders in which the packages of the Java files below ``folder`` begin."""
    roots: dict[Path, None] = {}
    for count, file in enumerate(sorted(folder.rglob("*.java"))):
        if count == _MAX_FILES:
            break
        with contextlib.suppress(OSError), file.open("rb") as stream:
            declared = _PACKAGE.search(stream.read(20_000))
            parts = declared[1].decode("utf-8", "replace").split(".") if declared else []
            depth = len(parts)
            if depth == 0 or file.parent.parts[-depth:] == tuple(parts):
                roots[file.parents[depth]] = None
    return list(roots)

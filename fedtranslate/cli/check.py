"""``fedtranslate check``: parse and compile files, lone units and projects."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import Stages, stages

if TYPE_CHECKING:
    from fedtranslate.checks.build import ProjectVerdict
    from fedtranslate.checks.cache import VerdictCache
    from fedtranslate.checks.program import CompileContext
    from fedtranslate.records import Problem, Verdict

_STANDARD_INPUT = "-"
_MOST_JOBS = 8
_AT_ONCE = 200
_READ_BYTES = 8 << 20
"""More of a file is not read: what is longer than is parsed is refused anyway."""


@dataclass(frozen=True, slots=True)
class _File:
    """What is checked by itself."""

    name: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class _How:
    """What was asked for."""

    context: "CompileContext | None"
    jobs: int
    cache: "VerdictCache | None"
    shown: Stages


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--language", metavar="LANGUAGE", help="Of all paths; else endings of names tell.")
@click.option("--parse-only", is_flag=True, help="Do not compile.")
@click.option(
    "--class-path",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Folder of sources or binaries, or a binary, to compile against; repeatable.",
)
@click.option("--using", "usings", multiple=True, help="What lone units import; repeatable.")
@click.option("--container", default="", help="Name of the type that lone units belong to.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=min(_MOST_JOBS, os.cpu_count() or 1),
    help="How many compilers work at a time; as many as there are cores, at most 8, if not said.",
)
@click.option("--no-cache", is_flag=True, help="Remember no verdicts and use none remembered.")
@options.as_json
def check(
    paths: tuple[str, ...],
    language: str | None,
    parse_only: bool,
    class_path: tuple[Path, ...],
    usings: tuple[str, ...],
    container: str,
    jobs: int,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Parse and compile each PATH: a file, a folder, or - for standard input.

    A file may be whole, or a lone unit such as a method.  A folder is a project: a copy of it is
    built with its own build, where the language's pack knows it and its tool is installed, and
    otherwise file by file.  Building runs code of the project, in the sandbox and without network.

    Exit code 0: nothing is wrong, but for names that the compiler could not know
    (unresolved_only).  1: something does not parse or compile, or could not be checked.

    \b
    Example:
        fedtranslate check Stack.java --class-path src
        fedtranslate check my-project --json
    """
    from fedtranslate.checks.program import CompileContext

    files, folders = _sorted_out(paths, language, open_folders=parse_only)
    with open_cache(is_wanted=not (no_cache or parse_only)) as cache, stages() as shown:
        context = None if parse_only else CompileContext(class_path, usings, container)
        how = _How(context, jobs, cache, shown)
        verdicts = _check_files(files, how)
        projects = _check_folders(folders, language, how)
        if cache is not None and cache.warning:
            shown.say(f"Warning: {cache.warning}")
    if as_json:
        click.echo(json.dumps(_document(files, verdicts, projects), indent=2))
    else:
        _print(files, verdicts, projects, compiled=not parse_only)
    raise SystemExit(1 if _is_wrong(verdicts, projects, compiled=not parse_only) else 0)


@contextmanager
def open_cache(*, is_wanted: bool) -> "Iterator[VerdictCache | None]":
    """Open the user's cache of verdicts."""
    if not is_wanted:
        yield None
        return
    from fedtranslate.checks.cache import VerdictCache

    place = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    with VerdictCache(Path(place) / "fedtranslate" / "verdicts.sqlite3") as cache:
        yield cache


def _sorted_out(
    paths: Sequence[str], language: str | None, *, open_folders: bool
) -> tuple[list[_File], list[Path]]:
    """Return the files, read, and the folders; those are opened where nothing is compiled."""
    from fedtranslate.checks.copying import source_files
    from fedtranslate.languages.registry import language_of, load_pack

    name = load_pack(language).name if language else None
    files, folders = [], []
    for path in dict.fromkeys(paths):
        if path != _STANDARD_INPUT and Path(path).is_dir():
            if not open_folders:
                folders.append(Path(path))
                continue
            inside = ((file, language_of(file)) for file in source_files(Path(path)))
            files += [
                _File(str(file), _text(str(file)), own)
                for file, own in inside
                if own and name in (None, own)
            ]
            continue
        own = name or (language_of(Path(path)) if path != _STANDARD_INPUT else None)
        if own is None:
            raise click.UsageError(f"{path}: its name does not tell its language; use --language.")
        files.append(_File(path, _text(path), own))
    return files, folders


def _text(path: str) -> str:
    from fedtranslate.config.files import open_plain
    from fedtranslate.errors import CorpusError
    from fedtranslate.languages.units import read_source

    if path == _STANDARD_INPUT:
        return read_source(sys.stdin.buffer.read(_READ_BYTES)).text
    try:
        with open_plain(Path(path)) as file:
            return read_source(file.read(_READ_BYTES)).text
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from None


def _check_files(files: Sequence[_File], how: _How) -> "list[Verdict]":
    from fedtranslate.checks.verdicts import check as judge
    from fedtranslate.languages.worker import ParseWorker

    verdicts: dict[int, Verdict] = {}
    by_language: dict[str, list[int]] = {}
    for index, file in enumerate(files):
        by_language.setdefault(file.language, []).append(index)
    with ParseWorker() as worker:
        for language, indices in by_language.items():
            for start in range(0, len(indices), _AT_ONCE):
                some = indices[start : start + _AT_ONCE]
                how.shown("check files", len(verdicts), len(files))
                said = judge(
                    [files[index].text for index in some],
                    language,
                    context=how.context,
                    worker=worker,
                    jobs=how.jobs,
                    cache=how.cache,
                )
                verdicts |= zip(some, said, strict=True)
    return [verdicts[index] for index in range(len(files))]


def _check_folders(
    folders: Sequence[Path], language: str | None, how: _How
) -> "list[tuple[Path, ProjectVerdict]]":
    from fedtranslate.checks.project import check_project, languages_in
    from fedtranslate.errors import CorpusError

    found = []
    for folder in folders:
        languages = [language] if language else languages_in(folder)
        if not languages:
            raise CorpusError(f"There is no code of a known language in {folder}.")
        for count, name in enumerate(languages):
            how.shown(f"build {folder}", count, len(languages))
            said = check_project(
                folder,
                name,
                class_path=how.context.class_path if how.context else (),
                home=Path.home(),
                jobs=how.jobs,
                cache=how.cache,
            )
            found.append((folder, said))
    return found


def _is_wrong(
    verdicts: "Sequence[Verdict]",
    projects: "Sequence[tuple[Path, ProjectVerdict]]",
    *,
    compiled: bool,
) -> bool:
    right = ("compiled", "unresolved_only")
    if not compiled:
        return not all(verdict.parses for verdict in verdicts)
    states = [verdict.compile_state for verdict in verdicts]
    return not all(state in right for state in (*states, *(said.state for _, said in projects)))


def _state(verdict: "Verdict", *, compiled: bool) -> str:
    """Return what is printed of a verdict, which tells of parsing where nothing else was asked."""
    if not compiled:
        return "parses" if verdict.parses else "syntax_error"
    return str(verdict.compile_state)


def _print(
    files: Sequence[_File],
    verdicts: "Sequence[Verdict]",
    projects: "Sequence[tuple[Path, ProjectVerdict]]",
    *,
    compiled: bool,
) -> None:
    counts: Counter[str] = Counter()
    for file, verdict in zip(files, verdicts, strict=True):
        state = _state(verdict, compiled=compiled)
        counts[state] += 1
        why = f" ({verdict.reason})" if verdict.reason and compiled else ""
        _say(f"{file.name}: {state}{why}")
        for problem in verdict.problems:
            _say(f"{file.name}:{_told(problem)}")
    for folder, said in projects:
        counts[str(said.state)] += 1
        why = f" ({said.reason})" if said.reason else ""
        _say(f"{folder}: {said.state}{why}; {said.files} files of {said.language}, {said.build}")
        for note in said.notes:
            _say(f"{folder}: {note}")
        for one in said.problems:
            _say(f"{folder / one.path}:{_told(one.problem)}")
    listed = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    click.echo(f"{sum(counts.values())} checked: {listed}")


def _say(line: str) -> None:
    """Print a line that may hold what a hostile file holds."""
    from fedtranslate.checks.complaints import printable

    click.echo(printable(line))


def _told(problem: "Problem") -> str:
    code = f" [{problem.code}]" if problem.code else ""
    return f"{problem.line}:{problem.column}: {problem.message}{code}"


def _document(
    files: Sequence[_File],
    verdicts: "Sequence[Verdict]",
    projects: "Sequence[tuple[Path, ProjectVerdict]]",
) -> dict[str, Any]:
    return {
        "files": [
            {
                "path": file.name,
                "language": file.language,
                "parses": verdict.parses,
                "compile": str(verdict.compile_state),
                "reason": verdict.reason,
                "problems": [asdict(problem) for problem in verdict.problems],
            }
            for file, verdict in zip(files, verdicts, strict=True)
        ],
        "projects": [
            {
                "path": str(folder),
                "language": said.language,
                "build": said.build,
                "compile": str(said.state),
                "files": said.files,
                "reason": said.reason,
                "notes": list(said.notes),
                "problems": [{"path": one.path, **asdict(one.problem)} for one in said.problems],
            }
            for folder, said in projects
        ],
    }

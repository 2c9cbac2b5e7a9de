"""One build of a project: whether it fits a folder, and what it says when it is run on a copy."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.complaints import Complaint, first_line, matches, read_complaints
from fedtranslate.checks.copying import copy_project, is_own
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import BuildTable
from fedtranslate.records import CompileState, Problem

MAX_PROBLEMS = 1000
_OUTPUT_BYTES = 8 << 20
_MARKER_BYTES = 1 << 20
_SOURCE_BYTES = 4 << 20
_EXCERPT = 80
_SCRATCH = ".fedtranslate-build"
_LIST = "sources"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A complaint about one file of a project."""

    path: str
    """Relative to the project, with forward slashes; what lies outside is as the build wrote it."""
    problem: Problem


@dataclass(frozen=True, slots=True)
class ProjectVerdict:
    """What a build said of a project."""

    language: str
    build: str
    """The build that was run, by the name in the pack."""
    state: CompileState
    """The worst that is true of any file; ``compiled`` only where everything is."""
    files: int
    """How many files of the language the project has."""
    problems: tuple[FileProblem, ...] = ()
    reason: str = ""
    """Why nothing was checked; empty otherwise."""
    notes: tuple[str, ...] = ()
    """Why builds that fit better were not taken."""
    left_out: frozenset[str] = frozenset()
    """Files that the build would take in another project, and did not in this one: as tests are
    left out of the main code of Java, since what they need may not be there."""


def fits(build: BuildTable, folder: Path) -> bool:
    """Tell whether a marker is there; without markers, whether there is a source."""
    if not build.markers:
        found = (file.relative_to(folder) for name in build.sources for file in folder.glob(name))
        return any(is_own(path) for path in found)
    for name, pattern in build.markers.items():
        for file in sorted(folder.glob(name)):
            if file.is_file() and (not pattern or re.search(pattern, _start(file), re.MULTILINE)):
                return True
    return False


def _start(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(_MARKER_BYTES).decode("utf-8", "replace")


def run_build(
    build: BuildTable,
    folder: Path,
    pack: LanguagePack,
    class_path: Sequence[Path],
    home: Path | None,
) -> ProjectVerdict | str:
    """Run a build on a copy of ``folder``; return the line that tells that it cannot start.

    Raises:
        CheckError: The folder is too large, or cannot be read.
    """
    with sandbox.scratch("fedtranslate-build-") as made:
        copy = made.resolve()
        copy_project(folder, copy)
        sources, left_out = _sources(build, copy)
        scratch = copy / _SCRATCH
        scratch.mkdir(exist_ok=True)
        (scratch / _LIST).write_text("".join(f'"{file}"\n' for file in sources), "utf-8", "replace")
        downloads = _downloads(build, home)
        places = {"{folder}": str(copy), "{list}": f"{_SCRATCH}/{_LIST}"}
        if downloads:
            places["{home}"] = str(home)
        try:
            done = sandbox.run(
                _filled(build, sources, class_path, places),
                folder=copy,
                limits=_limits(build),
                readable=[*class_path, *downloads],
                environment=_environment(build.environment, places),
            )
        except (CheckError, OSError) as error:  # nothing contains it; or the command is too long
            return _unchecked(build, pack, str(error))
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        if done.exit_code and build.cannot_start and (why := _line(build.cannot_start, said)):
            return why
        found = [_in_project(complaint, copy) for complaint in read_complaints(said, build.error)]
    judged = _judged(build, pack, done, said, tuple(dict.fromkeys(found)))
    return replace(judged, left_out=left_out)


def _downloads(build: BuildTable, home: Path | None) -> list[Path]:
    if home is None:
        return []
    return [home / place for place in build.home if (home / place).exists()]


def _limits(build: BuildTable) -> sandbox.Limits:
    limits = sandbox.Limits(seconds=build.seconds, output_bytes=_OUTPUT_BYTES)
    return limits if build.limit_memory else replace(limits, memory_bytes=None)


def _unchecked(build: BuildTable, pack: LanguagePack, reason: str) -> ProjectVerdict:
    return ProjectVerdict(pack.name, build.name, CompileState.NOT_CHECKED, 0, reason=reason)


def _judged(
    build: BuildTable,
    pack: LanguagePack,
    done: sandbox.Finished,
    said: str,
    found: tuple[FileProblem, ...],
) -> ProjectVerdict:
    if done.timed_out:
        return _unchecked(build, pack, f"{build.name} did not end within {build.seconds:g} s")
    if done.exit_code == 0:
        return ProjectVerdict(pack.name, build.name, CompileState.COMPILED, 0)
    if not found:
        told = first_line(said) or "it said nothing"
        return _unchecked(build, pack, f"{build.name} failed: {told}")
    problems = [one.problem for one in found]
    unresolved = build.unresolved or pack.compile.unresolved
    if matches(build.syntax or pack.compile.syntax, problems):
        state = CompileState.SYNTAX_ERROR
    elif all(matches(unresolved, [problem]) for problem in problems):
        state = CompileState.UNRESOLVED_ONLY
    else:
        state = CompileState.TYPE_ERROR
    return ProjectVerdict(pack.name, build.name, state, 0, found[:MAX_PROBLEMS])


def _sources(build: BuildTable, copy: Path) -> tuple[list[str], frozenset[str]]:
    """Return the files of the first pattern that finds any, and those of others that it does not.

    All are relative to ``copy``.  Names with quotes or control characters are left out: in a list
    they could say anything.
    """
    taken: list[str] = []
    others: set[str] = set()
    for pattern in build.sources:
        files = sorted(file for file in copy.glob(pattern) if file.is_file())
        own = (file.relative_to(copy) for file in files)
        names = [path.as_posix() for path in own if is_own(path)]
        fit = [name for name in names if name.isprintable() and not set(name) & set('"\\')]
        taken = taken or fit
        others.update(names)
    return taken, frozenset(others.difference(taken))


def _filled(
    build: BuildTable,
    sources: Sequence[str],
    class_path: Sequence[Path],
    places: Mapping[str, str],
) -> list[str]:
    words: list[str] = []
    for word in build.command:
        if word == "{files}":
            words += [f"./{source}" for source in sources]
        elif word == "{path_options}":
            paths = [str(path.resolve()) for path in class_path]
            words += [part.replace("{path}", path) for path in paths for part in build.path_option]
        elif (filled := _placed(word, places)) is not None:
            words.append(filled)
    return words


def _environment(table: Mapping[str, str], places: Mapping[str, str]) -> dict[str, str]:
    filled = {name: _placed(value, places) for name, value in table.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _placed(word: str, places: Mapping[str, str]) -> str | None:
    """Fill ``word``; None where it needs a home and there is none."""
    for place, value in places.items():
        word = word.replace(place, value)
    return None if "{home}" in word else word


def _line(pattern: str, said: str) -> str:
    """Return the line in which ``pattern`` is found; "" when it is in none."""
    return next((first_line(line) for line in said.splitlines() if re.search(pattern, line)), "")


def _in_project(complaint: Complaint, copy: Path) -> FileProblem:
    """Return a complaint with its file as the project has it, and what stands there."""
    place = Path(os.path.normpath(copy / complaint.file))
    is_inside = _is_file_in(copy, place)
    problem = replace(
        complaint.problem,
        message=" ".join(complaint.problem.message.replace(f"{copy}/", "").split()),
        excerpt=_written_in(place, complaint.problem.line) if is_inside else "",
    )
    shown = place.relative_to(copy) if is_inside else Path(complaint.file)
    return FileProblem(shown.as_posix(), problem)


def _is_file_in(copy: Path, place: Path) -> bool:
    """Tell whether a place, which a build may make up as it likes, is a file of the project."""
    try:
        return Path(os.path.realpath(place)).is_relative_to(copy) and place.is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


@lru_cache(maxsize=16)
def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as stream:
            return stream.read(_SOURCE_BYTES).decode("utf-8", "replace").split("\n")
    except OSError:  # a build may leave what nobody can read
        return []


def _written_in(file: Path, line: int) -> str:
    lines = _lines(file)
    return lines[line - 1].strip()[:_EXCERPT] if line <= len(lines) else ""

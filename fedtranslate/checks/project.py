"""Compile a whole project with its own build, or with what stands in for one.

A pack tells which builds its language has, and by which files they are known.  The first that
fits is run on a copy of the folder, without network.  Where its tool is not installed, or says
that it cannot even start (as Maven does that lacks its plugins), the next that fits is taken, and
the verdict says so; where none is left, each file is compiled for itself against the others.

A build runs code of the project: what Maven and Cargo load, what a Makefile says.  It does so in
the sandbox, with what that covers and does not; see ``fedtranslate.checks.sandbox``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from fedtranslate.checks import csharp, sandbox
from fedtranslate.checks.beyond import unreadable
from fedtranslate.checks.build import MAX_PROBLEMS, FileProblem, ProjectVerdict, fits, run_build
from fedtranslate.checks.cache import VerdictCache
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.checks.copying import source_files
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import BuildTable
from fedtranslate.languages.registry import known_languages, language_of, load_pack
from fedtranslate.languages.units import read_source
from fedtranslate.records import CompileState, Verdict

EACH_FILE = "each file for itself"
"""What is told as the build where there is none."""
_LARGEST = 4_000_000
_WORST = (
    CompileState.SYNTAX_ERROR,
    CompileState.TYPE_ERROR,
    CompileState.UNRESOLVED_ONLY,
    CompileState.NOT_CHECKED,
)


def languages_in(folder: Path) -> list[str]:
    """Return the languages of the files in ``folder``, that of the most files first."""
    counts: dict[str, int] = {}
    for file in source_files(folder):
        if (language := language_of(file)) is not None:
            counts[language] = counts.get(language, 0) + 1
    order = {name: place for place, name in enumerate(known_languages())}
    return sorted(counts, key=lambda name: (-counts[name], order[name]))


def has_build(folder: Path, pack: LanguagePack) -> bool:
    """Tell whether the files in ``folder`` are built together by a tool that is here."""
    return any(
        fits(build, folder) and sandbox.find_program(build.tool or build.command[0]) is not None
        for build in pack.builds
    )


def check_project(
    folder: Path,
    language: str,
    *,
    class_path: tuple[Path, ...] = (),
    home: Path | None = None,
    jobs: int = 1,
    cache: VerdictCache | None = None,
) -> ProjectVerdict:
    """Compile the files of one language in ``folder``, which is left as it is.

    Args:
        folder: The project.
        language: Which of its files.
        class_path: What they need besides.
        home: Below it are the downloads of the build tools, such as ``.m2/repository``; those are
            readable to the build, and nothing else there.  None to give it none.
        jobs: For files that are compiled for themselves.
        cache: Likewise; what builds say is not remembered.

    Raises:
        UnknownNameError: There is no such language.
        CheckError: The folder is too large, or cannot be read.
    """
    pack = load_pack(language)
    files = [file for file in source_files(folder) if file.suffix.lower() in pack.extensions]
    notes: list[str] = []
    class_path = _binaries(pack, class_path)
    for found in _started(pack.builds, folder, pack, class_path, home, notes):
        return replace(_weighed(found, folder, pack), files=len(files), notes=tuple(notes))
    return _each(files, folder, pack, class_path, notes, jobs, cache)


def run_project_tests(
    folder: Path, pack: LanguagePack, *, class_path: tuple[Path, ...] = (), home: Path | None = None
) -> ProjectVerdict:
    """Run the tests in ``folder``, on a copy, with the first runner that fits and is installed.

    The state is ``tests_passed``, or ``type_error`` with what the failures say, each at the line
    that failed; or ``not_checked`` where there are no tests or nothing runs them.

    Raises:
        CheckError: The folder is too large, or cannot be read.
    """
    notes: list[str] = []
    for found in _started(pack.tests, folder, pack, class_path, home, notes):
        if found.state is CompileState.COMPILED:
            return replace(found, state=CompileState.TESTS_PASSED, notes=tuple(notes))
        if found.state is not CompileState.NOT_CHECKED:
            return replace(found, state=CompileState.TYPE_ERROR, notes=tuple(notes))
        notes.append(found.reason)
    reason = "; ".join(notes) or "there are no tests that can be run"
    return ProjectVerdict(pack.name, "", CompileState.NOT_CHECKED, 0, reason=reason)


def _started(
    tools: Sequence[BuildTable],
    folder: Path,
    pack: LanguagePack,
    class_path: tuple[Path, ...],
    home: Path | None,
    notes: list[str],
) -> Iterator[ProjectVerdict]:
    """Yield what each tool that fits, is here and can start says; note why others do not."""
    for tool in tools:
        if not fits(tool, folder):
            continue
        program = tool.tool or tool.command[0]
        if sandbox.find_program(program) is None:
            notes.append(f"{tool.name}: {program} was not found; {tool.help}")
            continue
        found = run_build(tool, folder, pack, class_path, home)
        if isinstance(found, str):
            notes.append(f"{tool.name} could not start: {found}")
        else:
            yield found


def _binaries(pack: LanguagePack, class_path: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return what a compiler can refer to, where it cannot refer to folders of sources."""
    return tuple(csharp.references(class_path)) if pack.compile.tool == "mcs" else class_path


def _weighed(found: ProjectVerdict, folder: Path, pack: LanguagePack) -> ProjectVerdict:
    """Return what a build said; that nothing was checked if it could not read the files."""
    if found.state is not CompileState.SYNTAX_ERROR:
        return found
    refused = [folder / path for path in dict.fromkeys(one.path for one in found.problems)]
    texts = (read_source(_content(file)).text for file in refused if file.is_file())
    reasons = [unreadable(text, pack) for text in texts]
    if not reasons or not all(reasons):
        return found
    return replace(found, state=CompileState.NOT_CHECKED, reason=reasons[0])


def _each(
    files: Sequence[Path],
    folder: Path,
    pack: LanguagePack,
    class_path: tuple[Path, ...],
    notes: Sequence[str],
    jobs: int,
    cache: VerdictCache | None,
) -> ProjectVerdict:
    texts = [read_source(_content(file)).text for file in files]
    context = CompileContext(class_path=(folder, *class_path))
    verdicts = compile_units(texts, pack.name, context, jobs=jobs, cache=cache)
    found = [
        FileProblem(file.relative_to(folder).as_posix(), problem)
        for file, verdict in zip(files, verdicts, strict=True)
        for problem in verdict.problems
    ]
    states = {verdict.compile_state for verdict in verdicts}
    state = next((state for state in _WORST if state in states), CompileState.COMPILED)
    if not files:
        state = CompileState.NOT_CHECKED
    reason = _reason(verdicts) if state is CompileState.NOT_CHECKED else ""
    return ProjectVerdict(
        pack.name,
        EACH_FILE,
        state,
        len(files),
        tuple(found[:MAX_PROBLEMS]),
        reason,
        tuple(notes),
    )


def _reason(verdicts: Sequence[Verdict]) -> str:
    return next((said.reason for said in verdicts if said.reason), "there are no files")


def _content(file: Path) -> bytes:
    """Return what is in a file, or a little more than is compiled of one."""
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        raise CheckError(f"{file} cannot be read: {error.strerror}.") from None

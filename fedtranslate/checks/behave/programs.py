"""Build and run a program of one file, always in the sandbox.

That a program cannot be built is told apart from what it does when it runs.  Not covered: a
program may tell lies about itself (print what a test wants, end with 0); whoever runs tests of
translations trusts that a model does not cheat.
"""

import errno
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fedtranslate.checks import sandbox
from fedtranslate.checks.behave.tables import RunTable
from fedtranslate.errors import CheckError

OUTPUT_BYTES = 4 << 20
MEMORY_BYTES = 2 << 30
"""That a program with all its processes may really use."""
_SAID = 2_000
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})
"""What is wrong with this machine when a file cannot be written, and not with its name."""


@dataclass(frozen=True, slots=True)
class ProgramOutcome:
    """What became of a program."""

    built: bool
    problems: str = ""
    """What the build said, where it failed."""
    exit_code: int | None = None
    """Negative for a signal; None when it was not run, or killed because time was up."""
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    truncated: bool = False
    """Whether it wrote more than ``OUTPUT_BYTES``."""
    stopped: str = ""
    """The limit for which it was killed: time, output, memory, processes or disk; mostly none."""
    seconds: float = 0.0
    """How long the run took, on the wall clock; the build is not counted."""


@dataclass(frozen=True, slots=True)
class BuiltProgram:
    """A program that lies built in its folder, and can be run again and again."""

    table: RunTable
    folder: Path
    entry: str

    def run(self, stdin: str = "", seconds: float | None = None) -> ProgramOutcome:
        """Run it; ``seconds`` replaces the limit of its table.

        Raises:
            CheckError: The program that runs it is missing, or the sandbox cannot be used.
        """
        limits = _limits(self.table, seconds or self.table.seconds)
        start = time.monotonic()
        done = _run(self.table.command, self, limits, stdin)
        return ProgramOutcome(
            built=True,
            exit_code=done.exit_code,
            stdout=done.stdout.decode("utf-8", "replace"),
            stderr=done.stderr.decode("utf-8", "replace"),
            timed_out=done.timed_out,
            truncated=done.truncated,
            stopped=str(done.stopped or ""),
            seconds=time.monotonic() - start,
        )


def run_program(
    text: str, table: RunTable, *, stdin: str = "", seconds: float | None = None
) -> ProgramOutcome:
    """Build and run the program ``text`` in a folder of its own.

    Raises:
        CheckError: A compiler or interpreter is missing, or the sandbox cannot be used.
    """
    with built_program(text, table) as built:
        return built.run(stdin, seconds) if isinstance(built, BuiltProgram) else built


@contextmanager
def built_program(
    text: str, table: RunTable, *, entry: str = "", files: Mapping[str, str] | None = None
) -> Iterator[BuiltProgram | ProgramOutcome]:
    """Give the program ``text``, built, as long as the context lasts; an outcome if it fails.

    Args:
        text: The whole program.
        table: How it is built and run.
        entry: What is started; found by the table's pattern if not said.
        files: Other files beside it, besides those of the table.

    Raises:
        CheckError: A compiler or interpreter is missing, or the sandbox cannot be used.
    """
    with sandbox.scratch("fedtranslate-run-") as folder:
        program = BuiltProgram(table, folder, entry or _entry(text, table))
        try:
            for other, content in {**table.files, **(files or {})}.items():
                _write(program.folder / other, content)
            _write(program.folder / _placed(table.file, program), text)
        except OSError as error:
            if error.errno in _OURS:
                raise CheckError(
                    f"A program cannot be written to {folder.parent}: {error.strerror}.",
                    hint="Make room there, or set TMPDIR to another folder.",
                ) from None
            yield ProgramOutcome(False, f"the program has no name for a file: {error.strerror}")
            return
        problems = _build(program)
        yield program if problems is None else ProgramOutcome(built=False, problems=problems)


def missing_tool(table: RunTable) -> str:
    """Return the program that is needed to build or run, and is not there; "" if none is."""
    for command in (table.build, table.command):
        if command and "/" not in command[0] and sandbox.find_program(command[0]) is None:
            return command[0]
    return ""


def _build(program: BuiltProgram) -> str | None:
    """Return what the build complains of; None where it went well, or there is none."""
    table = program.table
    if not table.build:
        return None
    done = _run(table.build, program, _limits(table, table.build_seconds), "")
    if done.exit_code == 0:
        return None
    if done.timed_out:
        return f"the build took more than {table.build_seconds:g} seconds"
    said = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace").strip()
    return said[:_SAID] or f"the build ended with exit code {done.exit_code}"


def _run(
    template: Sequence[str], program: BuiltProgram, limits: sandbox.Limits, stdin: str
) -> sandbox.Finished:
    if missing := missing_tool(program.table):
        raise CheckError(f"{missing} was not found.", hint="Install it, or set PATH.")
    return sandbox.run(
        [_placed(word, program) for word in template],
        folder=program.folder,
        limits=limits,
        stdin=stdin.encode("utf-8", "replace"),
        environment={
            name: _placed(value, program) for name, value in program.table.environment.items()
        },
    )


def _limits(table: RunTable, seconds: float) -> sandbox.Limits:
    plain = sandbox.Limits(seconds=seconds, output_bytes=OUTPUT_BYTES, resident_bytes=MEMORY_BYTES)
    return plain if table.limit_memory else replace(plain, memory_bytes=None)


def _entry(text: str, table: RunTable) -> str:
    found = re.search(table.entry, text) if table.entry else None
    return found[1] if found else table.default_entry


def _placed(word: str, program: BuiltProgram) -> str:
    file = program.table.file.replace("{entry}", program.entry)
    return (
        word.replace("{file}", file)
        .replace("{folder}", str(program.folder))
        .replace("{entry}", program.entry)
    )


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", "replace", newline="")

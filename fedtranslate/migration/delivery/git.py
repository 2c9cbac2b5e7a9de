"""Run git: never through a shell, without prompts and pagers, and every failure in its own words.

Variables such as GIT_DIR, which hooks and tools around us may have set, would lead git into another
repository, so they are not handed on; who commits and which configuration counts are.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from fedtranslate.errors import MigrationError

_HANDED_ON = frozenset(
    f"GIT_{name}"
    for name in (
        *(f"{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")),
        *("CONFIG_GLOBAL", "CONFIG_SYSTEM", "CONFIG_NOSYSTEM", "EXEC_PATH"),
    )
)
_SET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": ":",
    "GIT_SEQUENCE_EDITOR": ":",
    "GIT_MERGE_AUTOEDIT": "no",
}
_SETTINGS = (
    *("-c", "core.quotepath=off", "-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false"),
)
_MOST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said, and how it ended."""

    code: int
    out: bytes
    words: str
    """What it wrote for people."""

    @property
    def line(self) -> str:
        """The output without the newline at its end, as a path or name."""
        return os.fsdecode(self.out.removesuffix(b"\n"))

    @property
    def names(self) -> list[str]:
        """What the output lists, with a NUL after each."""
        return [os.fsdecode(name) for name in self.out.split(b"\0")[:-1]]


class Git:
    """Git in one folder.

    Args:
        folder: Where it is run; paths given and told are relative to it.
        environment: Variables besides.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self._environment = environment or {}

    def ask(self, *words: str, given: bytes = b"") -> Answer:
        """Run git, and return its answer however it ended.

        Raises:
            MigrationError: There is no git.
        """
        with TemporaryFile() as out:
            code, told = self.stream(words, out, given)
            out.seek(0)
            return Answer(code, out.read(), told)

    def run(self, *words: str, given: bytes = b"", hint: str = "") -> Answer:
        """Run git, and return its answer.

        Raises:
            MigrationError: It failed.
        """
        answer = self.ask(*words, given=given)
        if answer.code != 0:
            raise self.failure(words, answer.words, hint)
        return answer

    def on(self, paths: Iterable[str], *words: str) -> Answer:
        """Run a command that takes paths on exactly these, whatever letters are in them."""
        options = ("--pathspec-from-file=-", "--pathspec-file-nul")
        return self.run("--literal-pathspecs", *words, *options, given=listed(paths))

    def stream(self, words: Sequence[str], out: BinaryIO, given: bytes = b"") -> tuple[int, str]:
        """Run git with its output into a file; return its exit code and its words for people."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name in _HANDED_ON
        }
        # Files and no pipes: a hook that leaves something running would keep a pipe open for ever.
        with TemporaryFile() as stdin, TemporaryFile() as stderr:
            stdin.write(given)
            stdin.seek(0)
            try:
                done = subprocess.run(
                    ["git", "--no-pager", *_SETTINGS, *words],
                    cwd=self.folder,
                    env=kept | _SET | self._environment,
                    stdin=stdin,
                    stdout=out,
                    stderr=stderr,
                    check=False,
                )
            except FileNotFoundError:
                raise MigrationError(
                    "git was not found." if self.folder.is_dir() else f"{self.folder} is gone.",
                    hint="Install git, or migrate into a folder with --out.",
                ) from None
            except OSError as error:
                raise MigrationError(f"git cannot be run: {error.strerror}.") from None
            stderr.seek(0)
            told = stderr.read().decode("utf-8", "replace").strip()
        return done.returncode, told[-_MOST_WORDS:]

    def failure(self, words: Sequence[str], told: str, hint: str = "") -> MigrationError:
        """Return the error that tells that a command failed, in git's own words."""
        name = next((word for word in words if not word.startswith("-")), "")
        said = told or "it said nothing"
        return MigrationError(f"git {name} failed in {self.folder}: {said}\n", hint=hint)


def listed(paths: Iterable[str]) -> bytes:
    """Return paths with a NUL after each, as git reads them."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def quoted(text: str) -> str:
    """Return a name on one line of letters that can be shown."""
    if text.isprintable():
        return text
    return text.encode("unicode_escape").decode("ascii")

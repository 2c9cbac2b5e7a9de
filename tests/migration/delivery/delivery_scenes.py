"""Git repositories and finished migrations to try deliveries on."""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import Attempt, FileState, PlannedFile, PlannedUnit, UnitState


def git(folder: Path, *words: str, given: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout.decode("utf-8", "surrogateescape")


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a repository with one commit on the branch ``main``."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    git(folder, "config", "commit.gpgsign", "false")
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "Before")
    return folder


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def digest(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def log(folder: Path, branch: str = "HEAD") -> list[str]:
    """Return the subjects of a branch, the oldest first."""
    return git(folder, "log", "--reverse", "--format=%s", branch).splitlines()


def files_at(folder: Path, commit: str = "HEAD") -> set[str]:
    return set(git(folder, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")) - {""}


class Scene:
    """A migration that is finished: its settings, and a journal to fill."""

    def __init__(
        self, repository: Path, out: Path, source: str = "java", target: str = "csharp"
    ) -> None:
        selected = {"select": ("old",)} if source == target else {}
        self.settings = MigrationSettings(
            repository=repository, out=out, source=source, target=target, **selected
        )
        self.journal = Journal(out)
        self.journal.note({"settings": self.settings.model_dump(mode="json")})

    def file(
        self,
        path: str,
        target: str,
        text: str | bytes,
        *,
        role: str = "code",
        before: str | bytes = b"",
        state: FileState = FileState.WRITTEN,
    ) -> None:
        """Plan and publish a file."""
        write(self.settings.out, {target: text})
        file = PlannedFile(path, target, digest(before), role, state, written=digest(text))
        self.journal.put_files([file])

    def unit(
        self,
        path: str,
        name: str,
        uses: Sequence[str] = (),
        *,
        container: str = "",
        text: str = "",
        new: str | None = None,
        state: UnitState = UnitState.DONE,
        wave: int = 0,
        reason: str = "",
    ) -> None:
        """Plan a unit of a file, and what was written for it."""
        known = len(list(self.journal.units("path = ?", (path,))))
        own = f"{path}#{container}.{name}" if container else f"{path}#{name}"
        self.journal.put_units(
            [
                PlannedUnit(
                    id=own,
                    path=path,
                    start=known,
                    end=known + 1,
                    first_line=1,
                    kind="method",
                    name=name,
                    container=container,
                    text=text,
                    key=own,
                    uses=tuple(uses),
                    wave=wave,
                    state=state,
                    reason=reason,
                )
            ]
        )
        if new is not None:
            self.journal.put_attempts([Attempt(own, 0, 0, new, True, None)])

    def type(self, path: str, name: str, uses: Sequence[str] = (), text: str = "") -> None:
        """Plan a file of C# with one type in it, translated from Java."""
        target = path.removesuffix(".java") + ".cs"
        self.file(path, target, f"class {name} {{\n}}\n")
        self.unit(path, f"run{name}", uses, container=name, text=text)

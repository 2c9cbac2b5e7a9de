"""Walk a source tree as git sees it: what is ignored, linked or built is left out, with a reason.

Links are never followed: git stores them as links, and following them can go round for ever.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from pathspec import GitIgnoreSpec

from fedtranslate.config.files import read_plain

LeftOut: TypeAlias = Callable[[Path, str], None]
"""Called with what is left out, and why; a folder stands for all that is in it."""

GIT = ".gitignore"
IGNORED = "ignored by {file}"
LINK = "link"
UNREADABLE = "cannot be read"
_BUILD_OUTPUT: Mapping[str, tuple[str, ...]] = {
    "target": ("pom.xml",),
    "build": ("build.gradle", "build.gradle.kts", "setup.py", "pyproject.toml"),
    "out": ("build.gradle", "build.gradle.kts"),
    "bin": ("*.csproj", "*.sln", ".classpath"),
    "obj": ("*.csproj", "*.sln"),
}
"""Folder to the files beside it that show it is build output, and no package of that name."""
_NEVER = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one ignore file says about the folder it lies in, and all below."""

    folder: Path
    file: str
    spec: GitIgnoreSpec


_Entry: TypeAlias = tuple[os.DirEntry[str] | None, list[_Rules]]
_END: _Entry = (None, [])


def walk(
    root: Path,
    left_out: LeftOut,
    *,
    ignore_files: Sequence[str] = (GIT,),
    never: Collection[str] = (),
) -> Iterator[Path]:
    """Yield the plain files under ``root``, sorted by path.

    Args:
        root: A folder, with no link in its path; it is searched even if git ignores it.
        left_out: Told of each file and folder that is passed over; of a folder or file that the
            system does not let us read, too, with the system's own words.
        ignore_files: Names of files with rules in the form of .gitignore; the later ones win.
        never: Names of folders that are passed over besides those of builds and tools.
    """
    walker = _Walker(left_out, tuple(ignore_files), frozenset(never) | _NEVER)
    yield from walker.below(root)


@dataclass(frozen=True, slots=True)
class _Walker:
    left_out: LeftOut
    ignore_files: tuple[str, ...]
    never: frozenset[str]

    def below(self, root: Path) -> Iterator[Path]:
        """Yield files folder by folder: no more than the names beside a path are in memory."""
        inside = [self._entries(root, self._rules_above(root))]
        while inside:
            entry, rules = next(inside[-1], _END)
            if entry is None:
                inside.pop()
            elif entry.is_dir(follow_symlinks=False):
                inside.append(self._entries(Path(entry.path), rules))
            else:
                yield Path(entry.path)

    def _entries(self, folder: Path, inherited: list[_Rules]) -> Iterator[_Entry]:
        """Yield the folders and files of a folder that are not left out, by name."""
        rules = [*inherited, *self._rules_in(folder)]
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.left_out(folder, f"{UNREADABLE}: {error.strerror}")
            return
        names = [entry.name for entry in entries]
        for entry in entries:
            if reason := self._why_not(entry, names, rules):
                self.left_out(Path(entry.path), reason)
            else:
                yield entry, rules

    def _why_not(self, entry: os.DirEntry[str], beside: Sequence[str], rules: list[_Rules]) -> str:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            return self._passed_over(entry.name, beside) or _ignored(path, rules, "/")
        if entry.is_symlink() or not entry.is_file(follow_symlinks=False):
            return LINK
        return _ignored(path, rules)

    def _passed_over(self, name: str, beside: Sequence[str]) -> str:
        if name.startswith("."):
            return "hidden"
        if name in self.never:
            return "code of others"
        marks = _BUILD_OUTPUT.get(name, ())
        is_output = any(PurePosixPath(other).match(mark) for mark in marks for other in beside)
        return "build output" if is_output else ""

    def _rules_above(self, root: Path) -> list[_Rules]:
        """Return the rules of the folders above ``root``, up to the top of its git repository."""
        above = list(root.parents)
        top = next((folder for folder in [root, *above] if (folder / ".git").exists()), root)
        inside = [folder for folder in above if folder.is_relative_to(top)]
        rules = [rule for folder in reversed(inside) for rule in self._rules_in(folder)]
        return [] if _ignored(root, rules, "/") else rules

    def _rules_in(self, folder: Path) -> Iterator[_Rules]:
        for name in self.ignore_files:
            try:
                lines = read_plain(folder / name).decode("utf-8", "replace").splitlines()
            except OSError:
                continue
            yield _Rules(folder, name, _spec(lines))


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    """Return rules as git reads them: lines that are no patterns say nothing."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(filter(_is_pattern, lines))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _ignored(path: Path, rules: Sequence[_Rules], ending: str = "") -> str:
    """Return why ``path`` is ignored: the deepest rules that say anything decide; "" if not."""
    for rule in reversed(rules):
        decision = rule.spec.check_file(path.relative_to(rule.folder).as_posix() + ending).include
        if decision is not None:
            return IGNORED.format(file=rule.file) if decision else ""
    return ""

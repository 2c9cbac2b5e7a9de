"""A copy of a project to build in, so that no build ever writes into the project itself."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from fedtranslate.errors import CheckError

MAX_FILES = 100_000
MAX_BYTES = 4 << 30
_LEFT_OUT = frozenset({".git", ".hg", ".svn", ".fedtranslate"})
"""What tools remember of a project; the last has all files of a migration once more."""
_OF_OTHERS = frozenset(
    {"node_modules", "vendor", "site-packages", "dist-packages", ".venv", "venv", ".tox"}
)
"""Folders in which tools put what a project needs and did not write."""


def copy_project(source: Path, target: Path) -> None:
    """Copy the plain files of a folder, and the links that point into it.

    Pipes, devices, links that lead out, and the folders of version control and of migrations are
    left out.

    Raises:
        CheckError: It is too large, or cannot be read.
    """
    root = source.resolve()
    size = 0
    try:
        for count, file in enumerate(project_files(root), start=1):
            place = target / file.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            if file.is_symlink():
                _copy_link(file, root, place)
                continue
            size += file.stat().st_size
            if count > MAX_FILES or size > MAX_BYTES:
                raise CheckError(
                    f"{source} has more than {MAX_FILES:,} files or {MAX_BYTES >> 30} GiB.",
                    hint="Check a part of it.",
                )
            shutil.copy2(file, place)
    except OSError as error:
        raise CheckError(f"{error.filename or source} cannot be read: {error.strerror}.") from None


def project_files(root: Path) -> Iterator[Path]:
    """Yield the plain files and links of a project, sorted folder by folder.

    A folder that is a link is yielded as a link and not entered.
    """
    for folder, names, files in os.walk(root):
        linked = [name for name in names if Path(folder, name).is_symlink()]
        names[:] = sorted(set(names) - _LEFT_OUT - set(linked))
        for name in sorted((*files, *linked)):
            file = Path(folder, name)
            mode = file.lstat().st_mode
            if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                yield file


def source_files(root: Path) -> Iterator[Path]:
    """Yield the plain files that are the project's own: no links, and not what it depends on."""
    for file in project_files(root):
        if not file.is_symlink() and is_own(file.relative_to(root)):
            yield file


def is_own(path: Path) -> bool:
    """Tell whether a path, relative to its project, is in no folder of dependencies."""
    return not _OF_OTHERS & set(path.parts)


def _copy_link(link: Path, root: Path, place: Path) -> None:
    target = Path(os.path.realpath(link))  # a link that leads to itself is no error here
    if target.is_relative_to(root) and not link.readlink().is_absolute():
        place.symlink_to(link.readlink())

"""Write what a migration changes as one patch, which ``git apply`` and people can read."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.git import Git
from fedtranslate.migration.delivery.writing import blocked, file_digest, unsafe
from fedtranslate.migration.scratch import renamed

_BEFORE, _AFTER = "a", "b"
"""Names of the two folders that are compared: with them, paths are as in a patch of git."""
_COMMAND = (
    *("-c", f"core.attributesFile={os.devnull}", "diff", "--no-index", "--no-prefix", "--binary"),
    *("--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"),
    *("--", _BEFORE, _AFTER),
)
_NOBODYS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
}
"""Without the settings of whoever calls, which might change how a patch is written."""


@dataclass(frozen=True, slots=True)
class Patched:
    """What a patch holds."""

    files: int
    """How many it changes or adds."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Files that it leaves as they are, and why."""


def write_patch(repository: Path, tree: Path, files: Sequence[str], path: Path) -> Patched:
    """Write the differences between ``repository`` and ``tree`` to ``path``, as a whole or not.

    Paths in the patch are relative to ``repository``; permissions of files that are there stay.

    Args:
        repository: What the patch is to be applied to.
        tree: What it leads to.
        files: Which files are compared, relative to both; what ``tree`` does not have is left out.
        path: Of the patch.

    Raises:
        MigrationError: There is no git, or a file cannot be read or written.
    """
    left_out: dict[str, str] = {}
    with TemporaryDirectory(prefix="fedtranslate-patch-") as made:
        folder = Path(made)
        try:
            (folder / _BEFORE).mkdir()
            (folder / _AFTER).mkdir()
            count = sum(_laid(repository, tree, folder, dict.fromkeys(files), left_out))
            _write(folder, path)
        except OSError as error:
            raise MigrationError(f"{error.filename or path}: {error.strerror}.") from None
    return Patched(count, tuple(sorted(left_out.items())))


def _laid(
    repository: Path, tree: Path, folder: Path, files: dict[str, None], left_out: dict[str, str]
) -> Iterator[bool]:
    """Lay out what differs in two folders; yield True for each file that does."""
    for name in files:
        new, old = tree / name, repository / name
        why = unsafe(name) or blocked(repository, name) or blocked(tree, name)
        if not why and not new.is_file():
            why = "the output has no such file"
        if why:
            left_out[name] = why
            continue
        is_there = old.exists()
        if is_there and file_digest(old) == file_digest(new):
            continue
        after = folder / _AFTER / name
        after.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new, after)
        shutil.copymode(old if is_there else new, after)
        if is_there:
            before = folder / _BEFORE / name
            before.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(old, before)
            shutil.copymode(old, before)
        yield True


def _write(folder: Path, path: Path) -> None:
    def compare(scratch: Path) -> None:
        with scratch.open("xb") as stream:
            _compare(folder, stream)
            stream.flush()
            os.fsync(stream.fileno())

    renamed(path, compare)


def _compare(folder: Path, stream: BinaryIO) -> None:
    # Above the folder there may be a repository, which is not meant.
    git = Git(folder, _NOBODYS | {"GIT_CEILING_DIRECTORIES": str(folder.parent)})
    code, told = git.stream(_COMMAND, stream)
    if code not in (0, 1):
        raise git.failure(["diff"], told)

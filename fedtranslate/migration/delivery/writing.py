"""Write files of the output into a work tree: never through links, never over what people did."""

import hashlib
import shutil
import stat
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from fedtranslate.migration.scratch import renamed

OTHERS = "there was another file before; it was left as it is"
CHANGED = "it has changed since it was migrated; it was left as it is"


def file_digest(place: Path) -> str:
    """Return the SHA-256 of a file; "" where there is none that can be read."""
    try:
        with place.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def unsafe(path: str) -> str:
    """Return why a path may not be written at all; "" when it may."""
    if not path or path.startswith("/") or "\0" in path:
        return "it is no path inside the repository"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "it is no path inside the repository"
        # File systems that fold case or pass over invisible letters take these for .git, too.
        bare = "".join(one for one in part if unicodedata.category(one) != "Cf")
        if bare.casefold().rstrip(". ") in (".git", "git~1"):
            return "it lies in a folder of git"
    return ""


def blocked(root: Path, path: str) -> str:
    """Return why ``path`` cannot be written below ``root``, such as for a link; "" when it can."""
    parts = PurePosixPath(path).parts
    place = root
    for number, part in enumerate(parts, start=1):
        place /= part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return ""
        except OSError as error:
            return error.strerror or str(error)
        if stat.S_ISLNK(mode):
            return f"{'/'.join(parts[:number])} is a link, and may lead elsewhere"
        if number < len(parts) and not stat.S_ISDIR(mode):
            return f"{'/'.join(parts[:number])} is a file"
        if number == len(parts) and not stat.S_ISREG(mode):
            return "there is a folder, or something else that is no plain file"
    return ""


def refused(root: Path, path: str, digest: str, replaces: Collection[str]) -> str:
    """Return why the file at ``path`` may not become ours; "" when it may.

    Args:
        root: Of the work tree's part.
        path: Relative to it.
        digest: SHA-256 of ours.
        replaces: SHA-256 of contents that ours may take the place of; "" is where nothing is.
    """
    if why := unsafe(path) or blocked(root, path):
        return why
    place = root / path
    now = file_digest(place)
    if not now and place.exists():
        return "the file that is there cannot be read"
    if now in (digest, *replaces):
        return ""
    return OTHERS if now and not any(replaces) else CHANGED


def put(source: Path, root: Path, path: str, digest: str) -> bool:
    """Copy ``source`` to ``path`` by one rename; return False when the same is there already.

    A file that is there keeps its permissions.

    Raises:
        OSError: It cannot be written.
    """
    place = root / path
    is_there = place.exists()
    if is_there and file_digest(place) == digest:
        return False

    def copy(scratch: Path) -> None:
        shutil.copyfile(source, scratch)
        shutil.copymode(place if is_there else source, scratch)

    renamed(place, copy)
    return True

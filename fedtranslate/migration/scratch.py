"""Write a file by one rename: as a whole or not at all.

What is written first has a name that follows from the file's own, so that what a killed process
left is found again, and nobody else's file is taken for it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

_NAME_LENGTH = 24


def scratch_name(name: str) -> str:
    """Return what a file is called while it is written: always the same, so that it is found."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()
    return f".fedtranslate-{digest[:_NAME_LENGTH]}"


def sweep(place: Path) -> None:
    """Remove what a process that was killed while it wrote the file at ``place`` has left.

    Raises:
        OSError: It cannot be removed.
    """
    place.with_name(scratch_name(place.name)).unlink(missing_ok=True)


def write_whole(place: Path, data: bytes) -> bool:
    """Write a file; tell whether it was not so before.

    Raises:
        OSError: It cannot be written; what was there is there still.
    """
    try:
        if place.is_file() and not place.is_symlink() and place.read_bytes() == data:
            sweep(place)
            return False
    except OSError:
        pass
    renamed(place, lambda scratch: _fresh(scratch, data))
    return True


def copied(source: Path, place: Path, digest: str) -> bool:
    """Copy a file with its permissions; tell whether it was not so before.

    Args:
        source: What is copied.
        place: Where to.
        digest: The SHA-256 that it shall have in the end.

    Raises:
        OSError: It cannot be written; what was there is there still.
    """
    if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == digest:
        sweep(place)
        return False
    renamed(place, lambda scratch: shutil.copymode(source, shutil.copyfile(source, scratch)))
    return True


def _fresh(scratch: Path, data: bytes) -> None:
    with scratch.open("xb") as stream:  # never through a link that somebody has put there
        stream.write(data)


def renamed(place: Path, write: Callable[[Path], None]) -> None:
    """Put a file at ``place`` once it is whole.

    Args:
        place: Where to.
        write: Writes the file at the path that it is given.

    Raises:
        OSError: It cannot be written; what was there is there still.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    sweep(place)
    scratch = place.with_name(scratch_name(place.name))
    try:
        write(scratch)
        scratch.replace(place)
    except Exception:
        scratch.unlink(missing_ok=True)
        raise

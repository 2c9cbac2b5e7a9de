"""The scratch folder of an untrusted program: made, read and removed without trust in its contents.

A program may leave symbolic links, devices, pipes, endless files, folders that cannot be entered,
and trees deeper than any path is long.
"""

import contextlib
import itertools
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fedtranslate.errors import CheckError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def collect(folder: Path, name: str, *, max_bytes: int = 64 << 20) -> bytes:
    """Return the content of a file that a program left in its folder.

    Symbolic links are not followed, neither as the file nor on the way to it, so that nothing
    outside of the folder can be meant.  Hard links are: inside a sandbox none can lead out.

    Args:
        folder: The folder in which the program ran.
        name: The path of the file from there.
        max_bytes: How large it may be.

    Raises:
        CheckError: It is not there, is no plain file, is too large, or the path leads elsewhere.
    """
    *parents, last = Path(name).parts or ("",)
    if Path(name).is_absolute() or ".." in (*parents, last):
        raise CheckError(f"The path {name!r} leads out of the folder of the program.")
    try:
        with ExitStack() as opened:
            place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, place)
            for part, flags in (*((one, _FOLDER) for one in parents), (last, _FILE)):
                place = os.open(part, flags, dir_fd=place)
                opened.callback(os.close, place)
            return _content(place, name, max_bytes)
    except (OSError, ValueError) as error:
        raise CheckError(f"The program left no plain file {name!r}: {error}.") from error


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """Give an empty folder for a program, and remove it afterwards whatever is in it by then."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as the system lets us.

    Nothing is followed, and no depth is too deep: what lies deep is brought up, then removed.
    """
    with contextlib.suppress(OSError):
        folder.chmod(stat.S_IRWXU)
        top = os.open(folder, _FOLDER)
        try:
            _empty(top)
        finally:
            os.close(top)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _empty(top: int) -> None:
    """Remove what is in the folder ``top``, which is open."""
    fresh = (f"{secrets.token_hex(8)}-{number}" for number in itertools.count())
    is_changed = True
    while is_changed:
        is_changed = False
        for name in os.listdir(top):
            with contextlib.suppress(OSError):
                if _is_folder(name, top):
                    _raise_contents(name, top, fresh)
                    os.rmdir(name, dir_fd=top)
                else:
                    os.unlink(name, dir_fd=top)
                is_changed = True


def _raise_contents(name: str, top: int, fresh: Iterator[str]) -> None:
    """Remove the files of a folder, and move its folders into ``top`` under fresh names."""
    os.chmod(name, stat.S_IRWXU, dir_fd=top)
    descriptor = os.open(name, _FOLDER, dir_fd=top)
    try:
        for inner in os.listdir(descriptor):  # noqa: PTH208 - of a descriptor
            if _is_folder(inner, descriptor):
                os.chmod(inner, stat.S_IRWXU, dir_fd=descriptor)
                os.rename(inner, next(fresh), src_dir_fd=descriptor, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _is_folder(name: str, parent: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _content(descriptor: int, name: str, max_bytes: int) -> bytes:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise CheckError(f"The program left no plain file {name!r}, but something else.")
    if found.st_size > max_bytes:
        raise CheckError(f"The file {name!r} of the program is larger than {max_bytes} bytes.")
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        return stream.read(max_bytes + 1)[:max_bytes]

"""Read the files that people name, write files that a crash leaves old or new, and hold locks.

Only plain ones are read, since a pipe or a device may never end.
"""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

Content: TypeAlias = bytes | Iterable[bytes | memoryview]
"""Of a file: at once, or in pieces where it is large."""


def open_plain(path: Path) -> BinaryIO:
    """Open the plain file at ``path`` for reading; a link to one is one.

    Raises:
        OSError: It is not there, cannot be read, or is no plain file; ``strerror`` tells.
        ValueError: The path holds a NUL.
    """
    # Without O_NONBLOCK, to open a pipe would wait until somebody writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a plain file", str(path))


def read_plain(path: Path) -> bytes:
    """Return the content of the plain file at ``path``.

    Raises:
        OSError: As of ``open_plain``.
        ValueError: Likewise.
    """
    with open_plain(path) as file:
        return file.read()


def write_durably(path: Path, content: Content) -> None:
    """Put ``content`` at ``path`` so that a crash leaves the old file or the new one.

    The new one has the mode of the old one, and its owner and group as far as the system lets it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            _make_alike(file.fileno(), path)
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _make_alike(descriptor: int, path: Path) -> None:
    """Give an open file, still empty, the owner and the mode of the plain file at ``path``."""
    try:
        known = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(known.st_mode):
        for owner, group in ((known.st_uid, -1), (-1, known.st_gid)):
            with suppress(OSError):  # only root gives files away
                os.fchown(descriptor, owner, group)
        os.fchmod(descriptor, stat.S_IMODE(known.st_mode))  # last: a new owner may change it


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, durably.

    Raises:
        FileExistsError: There is a file already.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def locked(path: Path, busy: Exception | None = None) -> Iterator[None]:
    """Hold the lock at ``path``, which dies with the process.

    Args:
        path: Made if missing, in a folder that is there.
        busy: Raised if another process holds the lock; None waits for it.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            if busy is None:
                raise
            raise busy from None
        yield


def sync_folder(folder: Path) -> None:
    """Make renames inside ``folder`` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

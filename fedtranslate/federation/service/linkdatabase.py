"""The SuperLink's database: watched, and made anew where it is of no use any more.

Nothing in it is the only copy: members stand in the register, runs in their journals.  A SuperLink
that starts with an empty one is told who the members are, and runs go on after their last round.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

_PATIENCE_SECONDS = 60.0
"""How long a SuperLink may give no answer before it is started again."""
_LOW_BYTES = 256 << 20
"""Of free disk; a database that is larger than ``_LARGE_BYTES`` is given up below that."""
_LARGE_BYTES = 1 << 30


class LinkDatabase:
    """The database of one SuperLink.

    Args:
        path: Its file; it comes into being when the SuperLink starts.
        restart: Ends the SuperLink, calls what it is given, and lets it be started again.
    """

    def __init__(self, path: Path, restart: Callable[[Callable[[], None]], None]) -> None:
        self._path = path
        self._restart = restart
        self._inode: int | None = None
        self._silent_since: float | None = None

    def look(self, *, answers: bool, now: float) -> str:
        """Look after it once; return what was done, a sentence, or nothing.

        Args:
            answers: Whether the SuperLink has just answered.
            now: Seconds of a clock that only goes forward.
        """
        told = self._trouble(answers=answers, now=now)
        if told:
            self._restart(lambda: self._cleared(is_given_up=self._is_overgrown()))
            self._inode = self._silent_since = None
        return told

    def _trouble(self, *, answers: bool, now: float) -> str:
        inode = _inode(self._path)
        if self._inode is None and answers:
            self._inode = inode
        if self._inode is not None and inode != self._inode:
            what = "was deleted" if inode is None else "was replaced"
            return f"{self._path} {what} while it was in use: the SuperLink is started again."
        if self._is_overgrown():
            return (
                f"The disk is full and {self._path} holds {self._path.stat().st_size >> 20} MiB: it"
                " is made anew. A site that sends more than it should may be the cause:"
                " 'coordinator status' tells the traffic."
            )
        self._silent_since = None if answers else self._silent_since or now
        if self._silent_since is not None and now - self._silent_since > _PATIENCE_SECONDS:
            return "The SuperLink has given no answer for a minute: it is started again."
        return ""

    def _is_overgrown(self) -> bool:
        with suppress(OSError):
            is_large = self._path.stat().st_size > _LARGE_BYTES
            return is_large and shutil.disk_usage(self._path.parent).free < _LOW_BYTES
        return False

    def _cleared(self, *, is_given_up: bool) -> None:
        if is_given_up:
            _remove(self._path)
        else:
            put_damaged_aside(self._path)


def put_damaged_aside(path: Path) -> str:
    """Put a database that is damaged aside, so that a SuperLink can start with an empty one.

    Nothing may have it open.  A damaged one that was put aside before is replaced.

    Returns:
        What was done, a sentence, or nothing.
    """
    if not path.exists() or _is_sound(path):
        return ""
    aside = path.with_name(f"{path.name}.damaged")
    with suppress(OSError):
        path.replace(aside)
    _remove(path)  # and what belongs to it
    return f"{path} was damaged; it is now {aside.name}, and the SuperLink begins a new one."


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.OperationalError:
        return True  # it may be locked, or there is no disk: that tells nothing of the content
    except sqlite3.DatabaseError:
        return False
    return bool(rows == [("ok",)])


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None

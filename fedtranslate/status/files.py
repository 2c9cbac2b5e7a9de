"""Read what a coordinator writes, piece by piece and without trust.

The journal's own readers load the arithmetic of adapters, hundreds of megabytes, and stop at the
first damage; a page has to say what is damaged, and show the rest.
"""

import json
import math
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fedtranslate.config.files import open_plain
from fedtranslate.errors import FederationError

ORDER_FILE = "order.json"
RUN_FILE = "run.json"
STATUS_FILE = "status.json"
EVENTS_FILE = "events.jsonl"
STOP_FILE = "stop-requested"
"""Names in the folder of a run; a test compares them with the journal's."""
MAX_NAME = 64
MAX_TEXT = 2_000
_MAX_FILE_BYTES = 8 * 2**20
_MAX_LINE_BYTES = 64 * 2**10
_MAX_PIECE_BYTES = 8 * 2**20
"""Of lines, at a time; of a longer file only the end is read first."""
_LARGEST = 2**53
"""The largest whole number that every reader of JSON has."""
# Controls, what turns the direction of text, what cannot be seen, and halves of surrogate pairs.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        FederationError: It is missing, damaged or far too large; the message names no folder.
    """
    try:
        with open_plain(path) as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise FederationError(f"{path.name} is missing.") from None
    except OSError as error:
        raise FederationError(f"{path.name} cannot be read: {error.strerror}.") from None
    if len(content) > _MAX_FILE_BYTES:
        raise FederationError(f"{path.name} is too large.")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise FederationError(f"{path.name} is damaged.")
    return values


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file or a folder does; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def is_there(path: Path) -> bool:
    """Tell whether there is something; what may not be looked at is not there."""
    return stamp_of(path) != (0, 0, 0)


class Lines:
    """A file that grows line by line, read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0
        self._is_skipping = False
        """Whether the start of the line at the offset is not known."""

    def new(self) -> list[bytes | None]:
        """Return the whole lines since the last call; None stands for those that are too long.

        Of a huge file it is the first line, None and the end.  A file that was put in the place of
        the one before, or was cut off, is read from its start.
        """
        try:
            with open_plain(self._path) as file:
                about = os.fstat(file.fileno())
                if about.st_ino != self._inode or about.st_size < self._offset:
                    self._inode, self._offset, self._is_skipping = about.st_ino, 0, False
                lines: list[bytes | None] = []
                if about.st_size - self._offset > _MAX_PIECE_BYTES:
                    lines = self._leap(about.st_size, file.readline(_MAX_LINE_BYTES))
                file.seek(self._offset)
                return lines + self._split(file.read(_MAX_PIECE_BYTES + _MAX_LINE_BYTES))
        except OSError:
            return []

    def _leap(self, size: int, first: bytes) -> list[bytes | None]:
        start = self._offset == 0 and first.endswith(b"\n")
        self._offset, self._is_skipping = size - _MAX_PIECE_BYTES, True
        return [first] if start else []

    def _split(self, content: bytes) -> list[bytes | None]:
        lines: list[bytes | None] = []
        start = 0
        while (end := content.find(b"\n", start)) >= 0:
            is_whole = not self._is_skipping and end - start <= _MAX_LINE_BYTES
            lines.append(content[start:end] if is_whole else None)
            self._is_skipping = False
            start = end + 1
        if len(content) - start > _MAX_LINE_BYTES:
            self._is_skipping, start = True, len(content)
        self._offset += start
        return lines


def number(value: object) -> float | None:
    """Return a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def count(value: object) -> int | None:
    """Return a whole number from 0 on, of no absurd size; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST else None


def plain(value: object, limit: int = MAX_TEXT) -> str:
    """Return a text with hidden characters spelled out, such as ``[U+202E]``, and its end cut off.

    What is no text is empty.
    """
    if not isinstance(value, str):
        return ""
    cut = f"{value[: limit - 1]}…" if len(value) > limit else value
    flat = re.sub(r"[\t\r\n]+", " ", cut)
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", flat)


def table(value: object) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def moment(value: object) -> str:
    """Return a time in ISO 8601 and UTC, so that texts sort as times; empty for anything else."""
    text = value if isinstance(value, str) and len(value) <= MAX_NAME else ""
    try:
        found = datetime.fromisoformat(text) if text else None
        if found is None:
            return ""
        known = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        return known.isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""

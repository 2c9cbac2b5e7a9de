"""The list of everything that left a site, for those who have to answer for it.

One JSON object per line, appended and never changed, on the disk before the message is on the
network.  Values are listed as they are, arrays with shape and size; the checksum is that of
the adapter, so that what the coordinator holds can be traced back to an entry.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from fedtranslate.errors import FederationError


@dataclass(frozen=True, slots=True)
class Departure:
    """One message that left the site."""

    time: str
    """UTC, ISO 8601."""
    run: str
    """Name of the run."""
    round: int
    """0 when the site introduced itself."""
    kind: str
    """introduction, update or error."""
    arrays: Mapping[str, Any]
    """Name of every array, to its ``shape`` and ``bytes``."""
    values: Mapping[str, Any]
    """Every number and text that was sent."""
    checksum: str = ""
    """SHA-256 of the adapter; empty if none was sent."""


class Ledger:
    """The ledger in one file, made when the first message leaves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, departure: Departure) -> None:
        """Write an entry, durably."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(departure), sort_keys=True) + "\n"
        with self._path.open("a+b") as file:
            file.truncate(end := _end_of_entries(file))
            try:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise

    def entries(self) -> Iterator[Departure]:
        """Yield the entries, oldest first.

        Raises:
            FederationError: A line is damaged; the message names it.
        """
        if not self._path.exists():
            return
        whole = self._path.read_bytes().rpartition(b"\n")[0]  # a torn entry never left the site
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                yield Departure(**json.loads(line))
            except (ValueError, TypeError):
                raise FederationError(
                    f"{self._path}:{number} is damaged.",
                    hint="Put back a copy of it, or move it elsewhere to go on without it.",
                ) from None


def _end_of_entries(file: IO[bytes]) -> int:
    """Return where the last whole entry ends.

    What a full disk or a power cut left behind it was not on the disk, and so was never sent.
    """
    file.seek(0)
    return file.read().rfind(b"\n") + 1

"""The list of everything that left a site, for those who have to answer for it.

One JSON object per line, appended and never changed, on the disk before the message is on the
network.  Values are listed as they are, arrays with shape and size; the checksum is that of
the adapter, so that what the coordinator holds can be traced back to an entry.

Each entry names the hash of the one before, so that none can be changed, taken out or put in
between unnoticed.  What this does not show: that the last entries were cut off, or that all
were written anew; keep a copy, or note the last hash, where that matters.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from fedtranslate.errors import FederationError

_BLOCK_BYTES = 65_536


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
    """introduction, update, refusal or error."""
    arrays: Mapping[str, Any]
    """Name of every array, to its ``shape`` and ``bytes``."""
    values: Mapping[str, Any]
    """Every number and text that was sent."""
    checksum: str = ""
    """SHA-256 of the adapter; empty if none was sent."""
    policy: str = ""
    """Fingerprint of the site's policy at that time."""
    note: str = ""
    """For the site alone: it did not leave."""
    previous: str = field(default="", compare=False)
    """Hash of the entry before; where that has none, SHA-256 of all that stands before."""
    hash: str = field(default="", compare=False)
    """SHA-256 of the entry but for this field; empty in ledgers of older versions."""

    @property
    def bytes(self) -> int:
        """Return how much left: the arrays, and the values as they are written here."""
        arrays = sum(int(array["bytes"]) for array in self.arrays.values())
        return arrays + (len(json.dumps(self.values)) if self.values else 0)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of looking through a ledger."""

    entries: int
    """That are in order, from the first on."""
    unchained: int
    """Of these, how many are from before entries were chained."""
    problem: str = ""
    """What is wrong with the first line that is not in order, and which; empty if all are."""
    last: str = ""
    """Hash of the last entry in order."""


class Ledger:
    """The ledger in one file, made when the first message leaves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, departure: Departure) -> None:
        """Write an entry after the last one, durably; it gets its ``previous`` and its ``hash``.

        Raises:
            FederationError: The last line is damaged.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            start, end = _last_line(file)
            # What a full disk or a power cut left behind was not on the disk, so never sent.
            file.truncate(end)
            entry = replace(departure, previous=self._link(file, start, end), hash="")
            line = json.dumps(asdict(replace(entry, hash=_hash_of(entry))), sort_keys=True) + "\n"
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
        for number, line in enumerate(self._lines(), start=1):
            entry = _entry(line)
            if entry is None:
                raise self._damaged(f"{self._path}:{number}")
            yield entry

    def verify(self) -> Verified:
        """Look through all entries until one is not what was written."""
        before, previous, unchained = hashlib.sha256(), "", 0
        count = 0
        for line in self._lines():
            entry = _entry(line)
            if problem := _problem(entry, previous, before.hexdigest()):
                where = f"{self._path}:{count + 1} {problem}"
                return Verified(count, unchained, where, previous)
            count += 1
            if entry is not None:
                previous = entry.hash
            unchained += not previous
            before.update(line + b"\n")
        return Verified(count, unchained, last=previous)

    def _lines(self) -> Iterator[bytes]:
        """Yield the whole lines; a torn one at the end never left the site."""
        if self._path.exists():
            with self._path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]

    def _link(self, file: IO[bytes], start: int, end: int) -> str:
        """Return what ties the next entry to the last one, from ``start`` to ``end``."""
        file.seek(start)
        last = _entry(file.read(end - start).rstrip(b"\n")) if end else None
        if end and last is None:
            raise self._damaged(f"The last line of {self._path}")
        if last is not None and last.hash:
            return last.hash
        file.seek(0)
        return hashlib.sha256(file.read(end)).hexdigest()

    def _damaged(self, where: str) -> FederationError:
        return FederationError(
            f"{where} is damaged.",
            hint="Put back a copy of it, or move it elsewhere to go on without it.",
        )


def _problem(entry: Departure | None, previous: str, before: str) -> str:
    if entry is None:
        return "is damaged."
    if not entry.hash:
        return "has lost its hash, or was put in." if previous else ""
    if entry.previous != (previous or before):
        return "does not follow on the line before: one was taken out, put in or moved."
    return "" if entry.hash == _hash_of(entry) else "was changed after it was written."


def _hash_of(entry: Departure) -> str:
    values = asdict(entry)
    del values["hash"]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _entry(line: bytes) -> Departure | None:
    try:
        return Departure(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None


def _last_line(file: IO[bytes]) -> tuple[int, int]:
    """Return where the last whole line begins and ends; only the end of the file is read."""
    found: list[int] = []
    place = file.seek(0, os.SEEK_END)
    while place and len(found) < 2:
        first = max(0, place - _BLOCK_BYTES)
        file.seek(first)
        block = file.read(place - first)
        found += [first + i + 1 for i in reversed(range(len(block))) if block[i] == 10]
        place = first
    end = found[0] if found else 0
    return (found[1] if len(found) > 1 else 0), end

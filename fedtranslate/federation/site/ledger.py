"""The list of everything that left a site, for those who have to answer for it.

One JSON object per line, appended and never changed, on the disk before the message is on the
network.  Values are listed as they are, arrays with shape and size; the checksum is that of
the adapter, so that what the coordinator holds can be traced back to an entry.

Each entry names the hash of the one before, so that none can be changed, taken out or put in
between unnoticed; ``ledger.head`` beside it names the last one, so that none can be cut off
either.  What this does not show: that ledger and head were both written anew; note the last hash
elsewhere where that matters.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from fedtranslate.config.files import read_plain, write_durably
from fedtranslate.errors import FederationError

_BLOCK_BYTES = 65_536
_CUT = "does not have the entry that its head names: entries were cut off, or it was changed."
_NO_HEAD = "has no head beside it, so entries may have been cut off."


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
    """introduction, update, trial, decision, refusal or error."""
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
    """The ledger in one file, made when the first message leaves.

    Args:
        path: Of the file; the head lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = path.with_suffix(".head")

    def append(self, departure: Departure) -> None:
        """Write an entry after the last one, durably; it gets its ``previous`` and its ``hash``.

        Raises:
            FederationError: The last line is damaged, or is not the one that the head names.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            start, end = _last_line(file)
            previous = self._link(file, start, end)
            # What a full disk or a power cut left behind was not on the disk, so never sent.
            file.truncate(end)
            entry = replace(departure, previous=previous, hash="")
            entry = replace(entry, hash=_hash_of(entry))
            line = (json.dumps(asdict(entry), sort_keys=True) + "\n").encode()
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
                self._write_head(_Head(end + len(line), entry.hash))
            except OSError:
                file.truncate(end)
                raise

    def entries(self) -> Iterator[Departure]:
        """Yield the entries, oldest first.

        Raises:
            FederationError: A line is damaged; the message names it.  Or, after the last entry,
                some were cut off.
        """
        ending = _Ending(self._read_head())
        for number, line in enumerate(self._lines(), start=1):
            entry = _entry(line)
            if entry is None:
                raise self._damaged(f"{self._path}:{number} is damaged.")
            ending.note(line, entry)
            yield entry
        if problem := ending.problem():
            raise self._damaged(f"{self._path} {problem}")

    def verify(self) -> Verified:
        """Look through all entries until one is not what was written."""
        try:
            ending = _Ending(self._read_head())
        except FederationError as error:
            return Verified(0, 0, str(error))
        before, previous, unchained = hashlib.sha256(), "", 0
        count = 0
        for line in self._lines():
            entry = _entry(line)
            problem = _problem(entry, previous, before.hexdigest())
            if entry is None or problem:
                where = f"{self._path}:{count + 1} {problem}"
                return Verified(count, unchained, where, previous)
            count += 1
            previous = entry.hash
            unchained += not previous
            before.update(line + b"\n")
            ending.note(line, entry)
        problem = ending.problem()
        return Verified(count, unchained, f"{self._path} {problem}" if problem else "", previous)

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
            raise self._damaged(f"The last line of {self._path} is damaged.")
        found = _Head(end, last.hash if last else "")
        if self._read_head() != found:
            # A ledger that begins, or a process that was killed before it wrote the head.
            if problem := self.verify().problem:
                raise self._damaged(problem)
            self._write_head(found)
        if last is not None and last.hash:
            return last.hash
        file.seek(0)
        return hashlib.sha256(file.read(end)).hexdigest()

    def _read_head(self) -> "_Head | None":
        try:
            values = json.loads(read_plain(self._head))
            return _Head(int(values["end"]), str(values["hash"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise self._damaged(f"{self._head} is damaged.") from None

    def _write_head(self, head: "_Head") -> None:
        write_durably(self._head, (json.dumps(asdict(head)) + "\n").encode())

    def _damaged(self, what: str) -> FederationError:
        return FederationError(
            what,
            hint=f"Put back a copy, or move it and {self._head.name} elsewhere to begin anew.",
        )


@dataclass(frozen=True, slots=True)
class _Head:
    """Names the last entry that was on the disk."""

    end: int
    """Where its line ends, in bytes from the start of the ledger."""
    hash: str


class _Ending:
    """Watches lines go by, and tells whether the one that the head names was among the last two.

    The head is there before the first entry, and written anew after each: a process that is killed
    leaves at most one entry behind it.
    """

    def __init__(self, head: _Head | None) -> None:
        self._head = head
        self._bytes = 0
        self._since = 0 if head == _Head(0, "") else None
        """Entries since the one that the head names; None before that."""
        self._chained = False

    def note(self, line: bytes, entry: Departure) -> None:
        """Take the next line."""
        self._bytes += len(line) + 1
        self._chained |= bool(entry.hash)
        if self._head == _Head(self._bytes, entry.hash):
            self._since = 0
        elif self._since is not None:
            self._since += 1

    def problem(self) -> str:
        """Return what is wrong after the last line; empty if nothing is."""
        if self._head is None:
            return _NO_HEAD if self._chained else ""
        return _CUT if self._since is None or self._since > 1 else ""


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

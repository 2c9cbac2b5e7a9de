"""What became of each release: one entry a line, appended and never changed, chained by hashes.

Each entry holds the hash of the one before, so none can be changed, left out, moved or doubled
without all later ones being made anew.  ``ledger.head`` beside it names the last entry, so that
entries cannot be cut off the end either.

Not covered: whoever can write to the folder can make a whole new chain and head.  Against that
entries may be signed; and a head that was noted elsewhere shows it, too.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from fedtranslate.adapters.releases.canonical import (
    ReleaseId,
    Sha256,
    Strict,
    Text,
    Time,
    canonical,
    canonical_bytes,
    read_canonical,
)
from fedtranslate.adapters.releases.signing import ENTRY, SigningKey, VerifyKey, is_signed, sign
from fedtranslate.config.files import open_plain, sync_folder, write_durably
from fedtranslate.errors import AdapterError

_MAX_BYTES = 256 * 2**20
_MAX_LINE_BYTES = 64 * 2**10
_START = "0" * 64
"""What the first entry holds for the hash of the one before."""


class Kind(StrEnum):
    """What can become of a release."""

    PUBLISHED = "published"
    """Made, signed and kept; by the coordinator."""
    OFFERED = "offered"
    """Received and found in order; by a site."""
    INSTALLED = "installed"
    """Let in by the gate, and in use since."""
    DECLINED = "declined"
    """Not let in by the gate."""
    PROMOTED = "promoted"
    """Put in use by a person."""
    ROLLED_BACK = "rolled-back"
    """Taken out of use, for the one before it."""
    WITHDRAWN = "withdrawn"
    """Never to be used again."""


_Number = Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)]
Scalar = StrictBool | _Number | StrictFloat | StrictStr | None


class Entry(Strict):
    """One line of the ledger."""

    number: int = Field(ge=1)
    time: Time
    kind: Kind
    release: ReleaseId
    values: dict[Text, Scalar] = Field(max_length=64)
    previous: Sha256
    """The hash of the entry before."""
    signature: str = Field(max_length=200)
    """Of all above; empty if it is not signed."""
    hash: Sha256
    """SHA-256 of all the rest."""


class _Head(Strict):
    number: int = Field(ge=1)
    hash: Sha256


class Ledger:
    """The ledger in one file, made with the first entry.

    Args:
        path: Of the file; the head lies beside it.
        owner: Signs new entries; None leaves them unsigned.
    """

    def __init__(self, path: Path, *, owner: SigningKey | None = None) -> None:
        self._path = path
        self._head = path.with_suffix(".head")
        self._owner = owner

    def append(self, kind: Kind, release: str, values: Mapping[str, Scalar], *, now: str) -> Entry:
        """Write an entry, durably; a torn last line of a crash before is removed.

        Raises:
            AdapterError: The ledger is damaged, or the entry is too large.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._path.exists()
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed
            entries = self.entries()
            last = entries[-1] if entries else None
            entry = self._entry(last, kind, release, values, now)
            line = canonical_bytes(entry)
            if len(line) > _MAX_LINE_BYTES:
                raise AdapterError(f"An entry of {len(line)} bytes is too large for {self._path}.")
            _write(file, line)
            if is_new:
                sync_folder(self._path.parent)
            head = _Head(number=entry.number, hash=entry.hash)
            write_durably(self._head, canonical_bytes(head))
        return entry

    def entries(self, key: VerifyKey | None = None) -> tuple[Entry, ...]:
        """Return all entries, oldest first.

        Args:
            key: Whose signatures entries must have where they are signed; None checks none.

        Raises:
            AdapterError: The ledger is damaged; the message names the first bad entry.
        """
        head = self._read_head()  # first, since another process may append meanwhile
        entries = tuple(self._chained(key))
        if head is None and len(entries) > 1:
            raise AdapterError(f"{self._head} is missing, which names the last entry.")
        if head is None:
            return entries
        if head.number > len(entries):
            raise AdapterError(
                f"{self._path} ends before entry {len(entries) + 1}, but {self._head.name} names"
                f" {head.number} entries.",
                hint="Put back a copy of it.",
            )
        if entries[head.number - 1].hash != head.hash:
            raise AdapterError(f"{self._path}: entry {head.number} is not that of the head.")
        return entries

    def verify(self, key: VerifyKey | None = None) -> int:
        """Return how many entries there are, all in order.

        Raises:
            AdapterError: As of ``entries``.
        """
        return len(self.entries(key))

    def _chained(self, key: VerifyKey | None) -> Iterator[Entry]:
        previous = _START
        for number, line in enumerate(self._lines(), start=1):
            where = f"{self._path}: entry {number}"
            entry = read_canonical(Entry, line, where)
            if entry.number != number:
                raise AdapterError(f"{where} has the number {entry.number}.")
            if entry.previous != previous:
                raise AdapterError(f"{where} does not follow the entry before it.")
            if entry.hash != _hash(entry):
                raise AdapterError(f"{where} does not have the hash of its content.")
            if key and entry.signature and not _is_signed(entry, key):
                raise AdapterError(f"{where} has a signature by another key, or a forged one.")
            yield entry
            previous = entry.hash

    def _lines(self) -> list[bytes]:
        try:
            with open_plain(self._path) as file:
                content = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise AdapterError(f"{self._path} cannot be read: {error.strerror}.") from None
        if len(content) > _MAX_BYTES:
            raise AdapterError(f"{self._path} has more than {_MAX_BYTES} bytes.")
        # A torn last line was never acknowledged.
        return [line + b"\n" for line in content.split(b"\n")[:-1]]

    def _read_head(self) -> _Head | None:
        try:
            with open_plain(self._head) as file:
                content = file.read(_MAX_LINE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AdapterError(f"{self._head} cannot be read: {error.strerror}.") from None
        return read_canonical(_Head, content, str(self._head))

    def _entry(
        self, last: Entry | None, kind: Kind, release: str, values: Mapping[str, Scalar], now: str
    ) -> Entry:
        content = {
            "number": last.number + 1 if last else 1,
            "time": now,
            "kind": kind.value,
            "release": release,
            "values": dict(values),
            "previous": last.hash if last else _START,
        }
        content["signature"] = sign(self._owner, ENTRY, canonical(content)) if self._owner else ""
        content["hash"] = hashlib.sha256(canonical(content)).hexdigest()
        return read_canonical(Entry, canonical(content), "The new entry of the ledger")


def signed_entry(text: str, key: VerifyKey) -> Entry:
    """Return one entry of somebody's ledger that has come by itself, as its line.

    Raises:
        AdapterError: It is malformed, or not signed by the owner of ``key``.
    """
    entry = read_canonical(Entry, text.encode(), "An entry of the coordinator's ledger")
    if entry.hash != _hash(entry) or not _is_signed(entry, key):
        raise AdapterError("An entry of the coordinator's ledger is not signed by its key.")
    return entry


def _hash(entry: Entry) -> str:
    content = entry.model_dump(mode="json", exclude={"hash"})
    return hashlib.sha256(canonical(content)).hexdigest()


def _is_signed(entry: Entry, key: VerifyKey) -> bool:
    content = entry.model_dump(mode="json", exclude={"hash", "signature"})
    return is_signed(key, ENTRY, canonical(content), entry.signature)


def _write(file: IO[bytes], line: bytes) -> None:
    """Append ``line`` behind the last whole one; after an error the file is as it was."""
    file.seek(0)
    end = file.read().rfind(b"\n") + 1
    file.truncate(end)
    try:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)
        raise

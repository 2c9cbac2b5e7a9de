"""Where releases are kept, and which of them are in use.

    STORE/releases/ID/     a release
    STORE/ledger.jsonl     what became of each; ledger.head names the last entry
    STORE/current.json     direction to the id in use: a copy for other programs
    STORE/coordinator.pub  the key that releases must be signed by

The ledger decides.  A release is there once an entry says that it came in, and in use once an entry
says so; what a crash left besides is swept away or finished by the next change.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.releases.canonical import canonical, canonical_bytes
from fedtranslate.adapters.releases.difference import Difference, difference
from fedtranslate.adapters.releases.folder import (
    check_release,
    copy_release,
    is_whole,
    load_release,
    read_release,
    staged,
    unpack,
)
from fedtranslate.adapters.releases.ledger import Entry, Kind, Ledger, Scalar
from fedtranslate.adapters.releases.release import Release
from fedtranslate.adapters.releases.signing import (
    SigningKey,
    VerifyKey,
    key_text,
    load_verify_key,
)
from fedtranslate.adapters.releases.usage import DIRECTION, MANIFEST, Usage, usage_of
from fedtranslate.config.files import locked, sync_folder, write_durably
from fedtranslate.errors import AdapterError

RELEASES = "releases"
LEDGER_FILE = "ledger.jsonl"
CURRENT_FILE = "current.json"
KEY_FILE = "coordinator.pub"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """One release of a store, whole or not."""

    id: str
    direction: str
    is_in_use: bool
    last: Kind
    """What became of it last."""
    release: Release | None
    """None where it cannot be read."""
    problem: str = ""
    """Why it cannot be read."""
    withdrawn: str = ""
    """Why it was withdrawn; empty if it was not."""


class ReleaseStore:
    """The store in one folder, which is made by the first change.

    Args:
        folder: Of the store.
        owner: Signs new entries of the ledger; None leaves them unsigned.
    """

    def __init__(self, folder: Path, *, owner: SigningKey | None = None) -> None:
        self.folder = folder
        self._ledger = Ledger(folder / LEDGER_FILE, owner=owner)

    def key(self) -> VerifyKey | None:
        """Return the key that is pinned here; None if none is.

        Raises:
            AdapterError: Its file is damaged.
        """
        path = self.folder / KEY_FILE
        return load_verify_key(path) if path.exists() else None

    def pin(self, key: VerifyKey) -> None:
        """Note the key that releases must be signed by.

        Raises:
            AdapterError: There is another one already.
        """
        known = self.key()
        if known is None:
            with self._changing():
                write_durably(self.folder / KEY_FILE, f"{key_text(key)}\n".encode())
        elif key_text(known) != key_text(key):
            raise AdapterError(
                f"The store {self.folder} takes releases signed by {key_text(known)}, not by"
                f" {key_text(key)}.",
                hint="If the coordinator has told you itself that its key has changed, replace"
                f" {KEY_FILE} there.",
            )

    def entries(self, key: VerifyKey | None = None) -> tuple[Entry, ...]:
        """Return the ledger, oldest entry first.

        Raises:
            AdapterError: It is damaged; the message names the first bad entry.
        """
        return self._ledger.entries(key)

    def usage(self) -> Usage:
        """Return what the ledger comes to: which releases there are, and which are in use.

        Raises:
            AdapterError: The ledger is damaged.
        """
        return usage_of(self.entries())

    def find(self, beginning: str) -> str:
        """Return the id that begins so.

        Raises:
            AdapterError: None does, or several do.
        """
        ids = self.usage().directions
        found = [each for each in ids if beginning and each.startswith(beginning)]
        if len(found) == 1:
            return found[0]
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise AdapterError(
                f"{beginning!r} is the beginning of {len(found)} releases in {self.folder}:"
                f" {', '.join(found[:_SHOWN])}{more}.",
                hint="Give more of the id.",
            )
        raise AdapterError(
            f"There is no release {beginning[:40]!r} in {self.folder}, which holds {len(ids)}.",
            hint="'fedtranslate adapters list' shows their ids; the beginning of one is enough.",
        )

    def folder_of(self, name: str) -> Path:
        """Return where the release of an id lies."""
        return self.folder / RELEASES / name

    def get(self, name: str) -> Release:
        """Return what the release of an id says of itself; its weights are not read.

        Raises:
            AdapterError: It is missing, damaged, or not the one that came in.
        """
        return self._got(name, self.usage(), self.key())

    def load(self, name: str) -> tuple[dict[str, Factors], Release]:
        """Return the adapter of the release of an id, with what it says of itself.

        Raises:
            AdapterError: As of ``get``; or its weights are damaged.
        """
        self.get(name)
        return load_release(self.folder_of(name), self.key())

    def all(self) -> tuple[Kept, ...]:
        """Return all releases that came in, oldest first; damaged ones with what is wrong.

        Raises:
            AdapterError: The ledger is damaged.
        """
        entries, key = self.entries(), self.key()
        usage = usage_of(entries)
        last = {entry.release: entry.kind for entry in entries}
        in_use = set(usage.in_use().values())
        kept = []
        for name, direction in usage.directions.items():
            release, problem = None, ""
            try:
                release = self._got(name, usage, key)
            except AdapterError as error:
                problem = str(error)
            why = usage.withdrawn.get(name, "")
            kept.append(Kept(name, direction, name in in_use, last[name], release, problem, why))
        return tuple(kept)

    def add(
        self,
        source: Path | Mapping[str, bytes],
        *,
        key: VerifyKey,
        now: str,
        values: Mapping[str, Scalar] | None = None,
    ) -> Release:
        """Take a release in, as offered; one that is here already stays as it is.

        Args:
            source: The folder of a release, or what ``pack`` made of it; from anyone.
            key: Of whoever must have signed it.
            now: The time.
            values: More to be noted in the ledger.

        Raises:
            AdapterError: It is damaged, or not signed by the owner of ``key``, or was withdrawn.
        """

        def fill(folder: Path) -> Release:
            if isinstance(source, Path):
                copy_release(source, folder)
            else:
                unpack(source, folder)
            return check_release(folder, key)

        return self.take_in(fill, Kind.OFFERED, now=now, values=values)

    def take_in(
        self,
        fill: Callable[[Path], Release],
        kind: Kind,
        *,
        now: str,
        values: Mapping[str, Scalar] | None = None,
    ) -> Release:
        """Take in the release that ``fill`` writes into the empty folder it is given.

        Raises:
            AdapterError: The release was withdrawn before, or the ledger is damaged.
        """
        with self._changing():
            incoming = self.folder / RELEASES / ".incoming"
            incoming.mkdir(parents=True)
            release = fill(incoming)
            usage = self.usage()
            if release.id in usage.withdrawn:
                raise AdapterError(f"The release {release.id} was withdrawn.")
            place = self.folder_of(release.id)
            if not is_whole(place):
                _remove(place)
                incoming.replace(place)
                sync_folder(place.parent)
            if release.id not in usage.directions:
                own = {DIRECTION: release.direction, MANIFEST: _manifest_hash(release)}
                noted = {**(values or {}), **own}
                self._ledger.append(kind, release.id, noted, now=now)
        return release

    def note(
        self, kind: Kind, name: str, *, now: str, values: Mapping[str, Scalar] | None = None
    ) -> None:
        """Note in the ledger what became of a release: offered, declined or withdrawn.

        Raises:
            AdapterError: There is no such release, or the ledger is damaged.
        """
        with self._changing():
            self._known(name)
            self._ledger.append(kind, name, values or {}, now=now)

    def promote(
        self,
        name: str,
        *,
        now: str,
        kind: Kind = Kind.PROMOTED,
        values: Mapping[str, Scalar] | None = None,
    ) -> Release:
        """Put a release in use for its direction; one that is in use already stays so.

        Args:
            name: Its id.
            now: The time.
            kind: Promoted by a person, or installed by the gate.
            values: More to be noted in the ledger, such as scores.

        Raises:
            AdapterError: There is no such release, it is damaged, or it was withdrawn.
        """
        with self._changing():
            usage = self._known(name)
            if name in usage.withdrawn:
                raise AdapterError(f"The release {name} was withdrawn, and is not used again.")
            release = self._whole(name, usage)
            if usage.current(release.direction) != name:
                self._ledger.append(kind, name, values or {}, now=now)
        return release

    def rollback(self, direction: str, *, now: str) -> str | None:
        """Take the release in use for a direction out of use, for the one before it.

        Returns:
            The id in use now; None if there was none before, and the base model works alone.

        Raises:
            AdapterError: None is in use, or the one before it is damaged.
        """
        with self._changing():
            usage = self.usage()
            stack = usage.stacks.get(direction, ())
            if not stack:
                raise AdapterError(
                    f"No release is in use for {direction} in {self.folder}.",
                    hint="'fedtranslate adapters list' shows what is.",
                )
            before = stack[-2] if len(stack) > 1 else None
            if before is not None:
                self._whole(before, usage)
            self._ledger.append(Kind.ROLLED_BACK, stack[-1], {"to": before}, now=now)
        return before

    def export(self, name: str, folder: Path) -> Release:
        """Copy a release to a new ``folder``, which peft loads.

        Raises:
            AdapterError: It is damaged, or there is something at ``folder``.
        """
        self.get(name)
        with staged(folder) as made:
            copy_release(self.folder_of(name), made)
            return check_release(made, self.key())

    def diff(self, first: str, second: str) -> Difference:
        """Return how the release ``second`` differs from ``first``.

        Raises:
            AdapterError: One of them is damaged.
        """
        return difference(self.load(first), self.load(second))

    def is_current(self, usage: Usage) -> bool:
        """Tell whether the copy for other programs says what the ledger says."""
        path = self.folder / CURRENT_FILE
        return path.is_file() and path.read_bytes() == canonical(usage.in_use())

    def _got(self, name: str, usage: Usage, key: VerifyKey | None) -> Release:
        if name not in usage.directions:
            raise AdapterError(f"There is no release {name[:40]!r} in {self.folder}.")
        folder = self.folder_of(name)
        if folder.is_symlink() or not folder.is_dir():
            raise AdapterError(f"{folder} is missing, or is no folder.")
        release = read_release(folder, key)
        came_in = (name, usage.directions[name], usage.manifests[name])
        if (release.id, release.direction, _manifest_hash(release)) != came_in:
            raise AdapterError(f"{folder} holds another release than the one that came in.")
        return release

    def _whole(self, name: str, usage: Usage) -> Release:
        self._got(name, usage, key := self.key())
        return check_release(self.folder_of(name), key)

    def _known(self, name: str) -> Usage:
        usage = self.usage()
        if name not in usage.directions:
            raise AdapterError(f"There is no release {name[:40]!r} in {self.folder}.")
        return usage

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep other processes from changing the store; the lock dies with the process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".lock"):
            try:
                self._sweep()
                yield
            finally:
                self._sweep()
            usage = self.usage()
            if not self.is_current(usage):
                write_durably(self.folder / CURRENT_FILE, canonical(usage.in_use()))

    def _sweep(self) -> None:
        """Remove what a killed process left half written."""
        for found in ((self.folder / RELEASES).glob(".*"), self.folder.glob(".*.*")):
            for path in found:
                _remove(path)


def _manifest_hash(release: Release) -> str:
    return hashlib.sha256(canonical_bytes(release)).hexdigest()


def _remove(place: Path) -> None:
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)

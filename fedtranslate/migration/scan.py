"""What a repository holds: code to migrate, files to take along, and what is left out, and why."""

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from fedtranslate.corpus.discover import TOO_LARGE, content, shown, unwanted
from fedtranslate.corpus.walking import GIT, LINK, UNREADABLE, walk
from fedtranslate.errors import ConfigError, MigrationError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.settings import MigrationSettings

IGNORE_FILE = ".fedtranslateignore"
CODE, RESOURCE = "code", "resource"
_VENDORED = frozenset({"vendor", "third_party", "thirdparty", "bower_components", "site-packages"})
_MINIFIED_LINE = 5_000
"""Characters that no line that people wrote has."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the repository that goes to the output."""

    path: str
    """Relative to the repository, with forward slashes."""
    place: Path
    role: str
    hash: str
    """SHA-256 of its bytes."""
    data: bytes = b""
    """Of code; resources are copied from where they are."""


class Scan:
    """One walk over a repository; ``left_out`` is complete when it has come to its end.

    Args:
        settings: What is asked for.
        pack: The language that is migrated.
        without: Paths that earlier migrations wrote into the repository.

    Raises:
        ConfigError: A pattern is malformed.
        MigrationError: There is no such repository, or it cannot be read.
    """

    def __init__(
        self, settings: MigrationSettings, pack: LanguagePack, without: Collection[str] = ()
    ) -> None:
        self._without = frozenset(without)
        self.left_out: dict[str, str] = {}
        self._settings = settings
        self._root = settings.repository.resolve()
        self._pack = pack
        self._include = _patterns(settings.include, "--include")
        self._exclude = _patterns(settings.exclude, "--exclude")
        self._builds = tuple({name for build in pack.builds for name in build.markers})

    def __iter__(self) -> Iterator[Found]:
        """Yield what goes to the output, by path."""
        files = walk(
            self._root, self._note, ignore_files=(GIT, IGNORE_FILE), never=sorted(_VENDORED)
        )
        for place in files:
            path = shown(place, self._root)
            reason = self._why_not(path, place)
            if reason:
                self.left_out[path] = reason
                continue
            try:
                yield from self._read(path, place)
            except OSError as error:
                self.left_out[path] = f"{UNREADABLE}: {error.strerror}"

    def cannot_tell(self, path: str) -> bool:
        """Tell whether a file may be there all the same: it, or a folder of it, cannot be read."""
        places = (path, *(place.as_posix() for place in PurePosixPath(path).parents))
        return any(self.left_out.get(place, "").startswith(UNREADABLE) for place in places)

    def _note(self, place: Path, reason: str) -> None:
        if place == self._root and reason.startswith(UNREADABLE):
            # Were it taken for an empty repository, all that was written would be removed.
            raise MigrationError(
                f"The repository {place} {reason}.",
                hint="Put it back, or give the folder where it is now.",
            )
        if reason == LINK and not place.exists():
            reason = "link to nothing"
        name = shown(place, self._root) if place != self._root else "."
        self.left_out[name] = reason

    def _why_not(self, path: str, place: Path) -> str:
        if place.name in (GIT, IGNORE_FILE):
            return "rules for this walk"
        if os.fsdecode(path.encode()) != str(place.relative_to(self._root)):
            return "its name is not UTF-8; rename it to have it migrated"
        if path in self._without:
            return "written by an earlier migration"
        if self._exclude.match_file(path):
            return "excluded"
        if self._is_code(place) and self._settings.include and not self._include.match_file(path):
            return "not included"
        is_build = any(place.match(name) for name in self._builds)
        if is_build and not self._settings.is_edit:
            return "how the source is built; the target has its own"
        return ""

    def _is_code(self, place: Path) -> bool:
        return place.suffix.lower() in self._pack.extensions

    def _read(self, path: str, place: Path) -> Iterator[Found]:
        """Yield one file; code that nobody wrote or could read is left out, or taken as it is."""
        if not self._is_code(place):
            yield Found(path, place, RESOURCE, _hash_of(place))
            return
        data = content(place)
        reason = TOO_LARGE if data is None else unwanted(place.name, data) or _minified(data)
        if data is not None and not reason:
            yield Found(path, place, CODE, hashlib.sha256(data).hexdigest(), data)
        else:
            self.left_out[path] = reason
            if self._settings.is_edit:
                yield Found(path, place, RESOURCE, _hash_of(place))


def code_at(path: str, place: Path) -> Found | None:
    """Return a file of code again; None where it has gone in the meantime, or cannot be read."""
    try:
        data = content(place)
    except OSError:
        return None
    if data is None:
        return None
    return Found(path, place, CODE, hashlib.sha256(data).hexdigest(), data)


def _minified(data: bytes) -> str:
    longest = max(map(len, data.split(b"\n")), default=0)
    return "minified" if longest > _MINIFIED_LINE and data.count(b"\n") * 500 < len(data) else ""


def _hash_of(place: Path) -> str:
    digest = hashlib.sha256()
    with place.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _patterns(patterns: Sequence[str], option: str) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}.", hint="Write patterns as in .gitignore.") from None

"""Copy the staged tree to the output, and never over what people have changed there."""

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fedtranslate.migration.assembly import is_edited
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.scan import RESOURCE
from fedtranslate.migration.scratch import copied, sweep, write_whole
from fedtranslate.migration.states import FileState, PlannedFile

EDITED = "changed by hand since it was written; it was left as it is"
FOREIGN = "there was another file before; it was left as it is"
_AT_ONCE = 256
"""Files whose frames are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it, in numbers of files."""

    targets: frozenset[str] = frozenset()
    """Files that were written, or written anew."""
    kept: int = 0
    removed: int = 0
    failed: int = 0
    """All that are not as they should be: those that could not be cut or staged, too."""

    def __add__(self, later: "Published") -> "Published":
        """Return what two publications came to; what is kept or failed is so after the later."""
        removed = self.removed + later.removed
        return Published(self.targets | later.targets, later.kept, removed, later.failed)

    @property
    def written(self) -> int:
        """How many files were written; one that was written twice counts once."""
        return len(self.targets)


def publish(
    journal: Journal, tree: Path, out: Path, paths: Sequence[str] | None = None
) -> Published:
    """Bring the output in line with the tree; files that are so already are not touched.

    What is about to be written is noted first, so that after a crash in between nobody takes our
    own file for one that people have changed.

    Args:
        journal: Of the output.
        tree: Where the target is staged.
        out: The output.
        paths: Of the source, which may have changed; all if not given.
    """
    whole = journal.paths() if paths is None else paths
    parts = [
        _publish_some(journal, tree, out, whole[start : start + _AT_ONCE])
        for start in range(0, len(whole), _AT_ONCE)
    ]
    return Published(
        frozenset().union(*(part.targets for part in parts)),
        sum(part.kept for part in parts),
        _remove_gone(journal, out),
        len(journal.paths_in(FileState.FAILED)),
    )


def _publish_some(journal: Journal, tree: Path, out: Path, paths: Sequence[str]) -> Published:
    marks = ",".join("?" * len(paths))
    where = f"state != ? and path in ({marks})"
    files = list(journal.files(where, (FileState.FAILED, *paths)))
    results = [_intended(file, tree, out) for file in files]
    with journal.together():
        journal.put_files(
            replace(file, written=" ".join(dict.fromkeys((*file.written.split(), after.written))))
            for file, after in zip(files, results, strict=True)
            if after.state is FileState.WRITTEN and after.written != file.written
        )
    done = [
        _written(after, tree, out) if after.state is FileState.WRITTEN else after
        for after in results
    ]
    with journal.together():
        journal.put_files(after for file, after in zip(files, done, strict=True) if after != file)
    states = [after.state for after in done]
    changed = (
        after.target
        for file, after in zip(files, done, strict=True)
        if after.state is FileState.WRITTEN and after.written != file.written
    )
    return Published(frozenset(changed), states.count(FileState.KEPT))


def _intended(file: PlannedFile, tree: Path, out: Path) -> PlannedFile:
    """Return what a file will be like when it is published."""
    place, staged = out / file.target, tree / file.target
    try:
        if not _is_inside(place, out):
            reason = f"{file.target} leads out of {out} by a link"
            return replace(file, state=FileState.FAILED, reason=reason)
        sweep(place)
        digest = file.hash if file.role == RESOURCE else _digest(staged)
        if place.exists() and is_edited(place, file.written or digest):
            reason = EDITED if file.written else FOREIGN
            return replace(file, state=FileState.KEPT, reason=reason)
    except OSError as error:
        return _failed(file, error)
    return replace(file, state=FileState.WRITTEN, reason="", written=digest)


def _written(file: PlannedFile, tree: Path, out: Path) -> PlannedFile:
    place, staged = out / file.target, tree / file.target
    try:
        if file.role == RESOURCE:
            copied(staged, place, file.hash)
        else:
            write_whole(place, staged.read_bytes())
    except OSError as error:
        return _failed(file, error)
    return file


def _failed(file: PlannedFile, error: OSError) -> PlannedFile:
    reason = f"{error.filename or file.target}: {error.strerror}"
    return replace(file, state=FileState.FAILED, reason=reason)


def _digest(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()


def _remove_gone(journal: Journal, out: Path) -> int:
    """Remove what was written for sources that are gone, where nobody has changed it."""
    removed = 0
    for target, written in journal.gone():
        place = out / target
        is_other = next(iter(journal.files("target = ?", (target,))), None) is not None
        if not is_other and place.is_file() and not is_edited(place, written):
            place.unlink()
            removed += 1
        if _is_inside(place, out):
            with contextlib.suppress(OSError):  # it is in nobody's way
                sweep(place)
        journal.forget_gone(target)
    return removed


def _is_inside(place: Path, out: Path) -> bool:
    return place.parent.resolve().is_relative_to(out.resolve()) and not place.is_symlink()


def refused_output(repository: Path, out: Path) -> Sequence[str]:
    """Return why ``out`` cannot take the migration of ``repository``; nothing when it can.

    What is wrong comes first, and what to do about it second.
    """
    source, target = repository.resolve(), out.resolve()
    if target == source:
        return ("it is the repository itself", "Give another folder, or use --in-place.")
    if target.is_relative_to(source):
        return ("it lies inside the repository, which would migrate itself", "Give another folder.")
    if source.is_relative_to(target):
        return ("the repository lies inside it", "Give another folder.")
    return ()

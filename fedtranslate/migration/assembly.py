"""The staged tree: the target as it stands now, beside the output and hidden from it.

Builds work on it, and the output is a copy of it, made when something is worth publishing.  What
people have changed in the output is taken over into the tree, so that the rest is built with it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.slots import slots_in
from fedtranslate.migration.carry import carried, lost, parted
from fedtranslate.migration.frames import Placed, edit, fill, read_frame
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.plan import PROJECT
from fedtranslate.migration.scan import RESOURCE
from fedtranslate.migration.scratch import copied, write_whole
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import Attempt, FileState, PlannedFile, PlannedUnit, UnitState
from fedtranslate.migration.stubs import marked_stub

TREE = "tree"
_STUBS = "stubs-"


class Assembly:
    """Puts files together from frames and translations.

    Args:
        journal: Of the output.
        settings: What is asked for.
        packs: Of source and target.
    """

    def __init__(
        self,
        journal: Journal,
        settings: MigrationSettings,
        packs: tuple[LanguagePack, LanguagePack],
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._packs = packs
        self.tree = journal.folder / TREE
        self._has_texts = True

    def stage(self, paths: Iterable[str] | None = None) -> int:
        """Write files into the tree, those of ``paths`` or all; return how many have changed.

        A file that cannot be read any more, or written, is told as failed, and the rest goes on.
        With all files, those go of which the journal knows nothing: their sources are gone, or a
        run was killed while it wrote them.
        """
        changed = 0
        if paths is None:
            self._prune()
            paths = self._journal.paths()
        for path in paths:
            file = self._journal.file(path)
            if file is not None and file.state is not FileState.FAILED:
                changed += self._stage(file)
        return changed

    def _prune(self) -> None:
        known = {self.tree / target for _, target, _, _ in self._journal.listed()}
        for place in list(self.tree.rglob("*")):
            if place not in known and (place.is_file() or place.is_symlink()):
                place.unlink()

    @contextmanager
    def stubs_only(self) -> Iterator[Path]:
        """Make a tree in which every unit is a stub, for the length of a ``with`` block."""
        for left in self._journal.folder.glob(f"{_STUBS}*"):  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_STUBS, dir=self._journal.folder) as folder:
            other = Assembly(self._journal, self._settings, self._packs)
            other.tree, other._has_texts = Path(folder), False
            other.stage()
            yield other.tree

    def fingerprint(self) -> str:
        """Return what changes when any file of the tree does."""
        digest = hashlib.sha256()
        for place in sorted(self.tree.rglob("*")):
            if place.is_file():
                digest.update(os.fsencode(place.relative_to(self.tree)) + b"\0")
                digest.update(hashlib.sha256(place.read_bytes()).digest())
        return digest.hexdigest()

    def _stage(self, file: PlannedFile) -> bool:
        place = self.tree / file.target
        try:
            if file.role == RESOURCE:
                return copied(self._source(file), place, file.hash)
            placed, units = self._placed(file)
            published = self._settings.out / file.target
            if self._has_texts and file.written and is_edited(published, file.written):
                placed = replace(placed, data=published.read_bytes())
            changed = write_whole(place, placed.data)
        except OSError as error:
            reason = f"{error.filename or file.path}: {error.strerror}"
            self._journal.put_files([replace(file, state=FileState.FAILED, reason=reason)])
            return False
        if units and self._has_texts:
            self._journal.put_units(
                replace(unit, place=placed.lines.get(unit.start, unit.place)) for unit in units
            )
        return changed

    def _placed(self, file: PlannedFile) -> tuple[Placed, list[PlannedUnit]]:
        if file.role == PROJECT:
            return Placed(file.frame.encode(), {}), []
        units = list(self._journal.units("path = ?", (file.path,)))
        data = self._source(file).read_bytes()
        if hashlib.sha256(data).hexdigest() != file.hash:
            raise OSError(0, "it changed while it was migrated; run again", file.path)
        texts = {unit.start: text for unit in units if (text := self._text(unit)) is not None}
        if self._settings.is_edit:
            return edit(data, {unit.start: unit.end for unit in units}, texts), units
        return fill(read_frame(file.frame, self._packs[1]), texts, data), units

    def _text(self, unit: PlannedUnit) -> str | None:
        """Return what stands for a unit now; None where its stub or its source does."""
        if unit.state is UnitState.RULE or not self._has_texts:
            return None
        if unit.state is UnitState.FAILED:
            return None if self._settings.is_edit else self._stub(unit)
        standing = self.standing(unit)
        return None if standing is None else self.text_of(unit, standing)

    def standing(self, unit: PlannedUnit) -> Attempt | None:
        """Return the candidate that counts now; None while there is none."""
        key = (unit.attempt, unit.candidate)
        found = (one for one in self._journal.attempts(unit.id) if not one.rejected)
        return next((one for one in found if (one.attempt, one.candidate) == key), None)

    def text_of(self, unit: PlannedUnit, attempt: Attempt) -> str:
        """Return a candidate as it goes into the file: with the comments of its source."""
        if self._settings.is_edit:
            return attempt.text
        return carried(
            attempt.text, parted(flush_left(unit.text), self._packs[0]).above, self._packs
        )

    def losses(self, unit: PlannedUnit, attempt: Attempt) -> tuple[str, ...]:
        """Return the comments and annotations that a candidate has lost."""
        return tuple(lost(unit.text, self.text_of(unit, attempt), self._packs))

    def _stub(self, unit: PlannedUnit) -> str:
        file = self._journal.file(unit.path)
        slots = slots_in(read_frame(file.frame, self._packs[1]).pieces) if file else ()
        stub = next((one.stub for one in slots if one.start_byte == unit.start), "")
        return marked_stub(unit, stub, self._packs)

    def _source(self, file: PlannedFile) -> Path:
        return self._settings.repository / os.fsdecode(file.path.encode())


def is_edited(place: Path, written: str) -> bool:
    """Tell whether people have changed the file at ``place``.

    Args:
        place: In the output.
        written: SHA-256 of what we wrote there; two, with a blank between, while it is written.
    """
    try:
        data = place.read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() not in written.split()

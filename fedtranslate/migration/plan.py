"""Plan a migration: which files, which units, in which order, and where they go.

The plan is in the journal, and is made anew with every call: files that have not changed keep
what is known of them, units that have not changed keep their translations.
"""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.skeletons.cutting import UNREAD, CutFile
from fedtranslate.languages.skeletons.projectfiles import project_files
from fedtranslate.languages.skeletons.skeleton import Skeleton
from fedtranslate.languages.skeletons.slots import slots_in
from fedtranslate.languages.units import read_source
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.frames import flat_frame, frame_text
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.layout import target_path, untaken
from fedtranslate.migration.order import put_in_order
from fedtranslate.migration.project import Around, around
from fedtranslate.migration.scan import CODE, Found, Scan, code_at
from fedtranslate.migration.selection import HEAD, selected, selection
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import FileState, PlannedFile, PlannedUnit, UnitState
from fedtranslate.records import Unit

PROJECT = "project"
_CUT, _KEY = "cut_by", "key_of_all"
DELIVERED = "delivered"
"""The fact that names the files that were committed to the repository."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a new plan found, in numbers of files."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0

    @property
    def any(self) -> bool:
        """Whether the plan is another than before."""
        return bool(self.new or self.changed or self.gone)


def make_plan(
    journal: Journal,
    settings: MigrationSettings,
    fingerprint: str,
    worker: ParseWorker,
    on_file: Callable[[str], None] = lambda _: None,
) -> Change:
    """Bring the plan in ``journal`` up to date with the repository.

    Args:
        journal: Of the output.
        settings: What is asked for.
        fingerprint: Of the engine: other engines make other translations.
        worker: Cuts files.
        on_file: Called with each path.

    Raises:
        ConfigError: A pattern is malformed.
        MigrationError: The repository cannot be read.
    """
    planner = _Planner(journal, settings, fingerprint, worker)
    return planner.plan(on_file)


class _Planner:
    def __init__(
        self, journal: Journal, settings: MigrationSettings, fingerprint: str, worker: ParseWorker
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._packs = load_pack(settings.source), load_pack(settings.target)
        self._worker = worker
        self._wanted = selection(settings.select, settings.references)
        self._key_of_all = json.dumps([fingerprint, settings.translation_options], sort_keys=True)
        self._cut_by = _fingerprint(settings, self._packs)
        self._known = {path: (digest, target) for path, target, digest, _ in self._journal.listed()}
        self._taken = {target.lower() for _, target in self._known.values()}
        self._seen: set[str] = set()

    def plan(self, on_file: Callable[[str], None]) -> Change:
        own = () if self._settings.is_edit else self._journal.fact(DELIVERED) or ()
        scan = Scan(self._settings, self._packs[0], own)
        if self._journal.fact(_KEY) != self._key_of_all:
            # In a new journal all units will have this key, and need not be gone through for it.
            self._journal.note({_KEY: None if self._known else self._key_of_all})
        counts: Counter[str] = Counter()
        with self._journal.in_steps() as step:
            changed = self._read(scan, counts, on_file, step)
        with self._journal.in_steps() as step:
            self._cut(changed, on_file, step)
        self._seen |= self._own_files()
        self._seen |= {path for path in self._known if scan.cannot_tell(path)}
        counts["gone"] = self._forget(self._known.keys() - self._seen)
        self._journal.put_left_out(sorted(scan.left_out.items()))
        self._rekey()
        # Also where nothing is new: a plan that was killed may have no order yet.
        put_in_order(self._journal, self._packs[0].name, self._settings.wave_units)
        self._journal.note({_CUT: self._cut_by})
        return Change(counts["new"], counts["changed"], counts["same"], counts["gone"])

    def _read(
        self,
        scan: Scan,
        counts: Counter[str],
        on_file: Callable[[str], None],
        step: Callable[[], None],
    ) -> list[str]:
        """Look at every file; return the code that has changed, of which outlines are kept."""
        is_known = self._journal.fact(_CUT) == self._cut_by
        # What held a file up, such as a full disk, may be over.
        again = set(self._journal.paths_in(FileState.FAILED))
        changed = []
        for found in scan:
            on_file(found.path)
            self._seen.add(found.path)
            old = self._known.get(found.path)
            is_same = old is not None and old[0] == found.hash and is_known
            if is_same and found.path not in again:
                counts["same"] += 1
                continue
            counts["new" if old is None else "changed"] += 1
            if found.role == CODE:
                changed.append(found.path)
                if not self._settings.is_edit:
                    self._outline(found)
            else:
                self._take(found, Around([], [], {}))
            step()
        return changed

    def _outline(self, found: Found) -> None:
        """Remember what a file declares, for the others."""
        text = read_source(found.data).text
        known = self._worker.contribution(text, self._packs[0].name, found.path)
        with self._journal.together():
            self._journal.put_outline(found.path, *known)

    def _cut(
        self, changed: Sequence[str], on_file: Callable[[str], None], step: Callable[[], None]
    ) -> None:
        """Cut the code that has changed, and what speaks of it."""
        for path in self._to_cut(changed):
            place = self._settings.repository / os.fsdecode(path.encode())
            found = code_at(path, place)
            if found is not None:
                on_file(path)
                self._take(found, around(self._journal, path))
                step()
            elif not place.is_file():
                self._seen.discard(path)

    def _to_cut(self, changed: Sequence[str]) -> Iterator[str]:
        yield from changed
        if self._settings.is_edit or not changed:
            return
        same = self._known.keys() & self._seen
        for path in sorted(same.difference(changed)):
            file = self._journal.file(path)
            if file is None or file.role != CODE:
                continue
            if file.around != around(self._journal, path).hash:
                yield path

    def _take(self, found: Found, project: Around) -> None:
        """Put one file and its units into the journal."""
        known = self._known.get(found.path)
        if known is not None:
            self._taken.discard(known[1].lower())
        file, units = self._planned(found, project)
        self._taken.add(file.target.lower())
        with self._journal.together():
            if known is not None:
                file, units = self._with_what_is_known(file, units)
            self._journal.put_files([file])
            self._journal.put_units(units)

    def _with_what_is_known(
        self, file: PlannedFile, units: Sequence[PlannedUnit]
    ) -> tuple[PlannedFile, list[PlannedUnit]]:
        """Return a file with what holds of an earlier plan; forget what does not."""
        old = {unit.id: unit for unit in self._journal.units("path = ?", (file.path,))}
        before = self._journal.file(file.path)
        same = [unit.id for unit in units if unit.id in old and old[unit.id].key == unit.key]
        self._journal.forget_units(file.path, keep=same)
        return (
            replace(file, written=before.written if before else ""),
            [_with_what_is_known(unit, old.get(unit.id)) for unit in units],
        )

    def _planned(self, found: Found, project: Around) -> tuple[PlannedFile, list[PlannedUnit]]:
        if found.role != CODE:
            target = untaken(found.path, self._taken)
            return PlannedFile(found.path, target, found.hash, found.role), []
        text = read_source(found.data).text
        cut, problems = self._worker.file(
            text,
            self._packs[0].name,
            self._packs[1].name,
            found.path,
            packages=self._settings.packages,
            types=self._settings.types,
            known=project.known,
            project=project.packages,
            exposed=project.exposed,
        )
        target = untaken(self._target(found.path, cut), self._taken)
        file = PlannedFile(found.path, target, found.hash, CODE, around=project.hash)
        if cut is None:
            reason = problems[0].message if problems else "it cannot be cut"
            return replace(file, state=FileState.FAILED, reason=reason, problems=problems), []
        if self._settings.is_edit:
            chosen, uses = selected(cut, text, self._packs[0], self._wanted, found.path)
            return file, list(self._units(chosen, uses, None))
        frame = cut.skeleton or flat_frame(cut.units, text, self._packs)
        unread = next((loss for loss in frame.losses if UNREAD in loss), "")
        if unread and not cut.units:
            return replace(file, state=FileState.FAILED, reason=unread), []
        file = replace(file, frame=frame_text(frame), losses=frame.losses)
        return file, list(self._units(cut.units, cut.uses, frame))

    def _target(self, path: str, cut: CutFile | None) -> str:
        if self._settings.is_edit:
            return path
        package, other = (cut.package, cut.target_package) if cut else ("", "")
        return target_path(path, package, other, self._packs)

    def _units(
        self,
        units: Sequence[Unit],
        uses: Sequence[tuple[str, ...]],
        frame: Skeleton | None,
    ) -> Iterator[PlannedUnit]:
        slots = {slot.start_byte: slot for slot in slots_in(frame.pieces)} if frame else {}
        names: Counter[str] = Counter()
        losses = _by_line(frame.losses) if frame else ()
        for unit, used in zip(units, uses, strict=True):
            lines = range(unit.first_line, unit.first_line + unit.text.count("\n") + 1)
            slot = slots.get(unit.start_byte)
            is_sure = slot is not None and slot.sure
            full = ".".join(part for part in (unit.container, unit.name or unit.kind) if part)
            names[full] += 1
            number = f"~{names[full]}" if names[full] > 1 else ""
            yield PlannedUnit(
                id=f"{unit.path}#{full}{number}",
                path=unit.path,
                start=unit.start_byte,
                end=unit.end_byte,
                first_line=unit.first_line,
                kind=unit.kind,
                name=unit.name,
                container=unit.container,
                text=unit.text,
                key=self._key(unit.kind, unit.text),
                signature=slot.signature if slot else "",
                uses=used,
                state=UnitState.RULE if is_sure else UnitState.PENDING,
                lost=tuple(what for line, what in losses if line in lines) if is_sure else (),
            )

    def _key(self, kind: str, text: str) -> str:
        """Return what says that a translation still holds."""
        # What was selected is all that may change in a head.
        wanted = self._settings.select, self._settings.references
        allowed = f"{json.dumps(wanted)}\0" if kind == HEAD else ""
        known = f"{self._key_of_all}\0{allowed}{text}"
        return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()

    def _rekey(self) -> None:
        """Forget the translations that another engine or other options made."""
        if self._journal.fact(_KEY) == self._key_of_all:
            return
        with self._journal.together():
            for path in self._journal.paths():
                units = list(self._journal.units("path = ?", (path,)))
                keys = {unit.id: self._key(unit.kind, unit.text) for unit in units}
                stale = [unit for unit in units if unit.key != keys[unit.id]]
                for unit in stale:
                    self._journal.forget_attempts(unit.id)
                self._journal.put_units(replace(unit.fresh(), key=keys[unit.id]) for unit in stale)
            self._journal.forget_batches()
            self._journal.note({_KEY: self._key_of_all})

    def _own_files(self) -> set[str]:
        """Plan the files that the target needs to be a project."""
        if self._settings.is_edit:
            return set()
        made = project_files(self._packs[1], self._settings.repository.resolve().name)
        again = set(self._journal.paths_in(FileState.FAILED))
        planned = []
        for name, text in made.items():
            path = f"({name})"
            digest = hashlib.sha256(text.encode()).hexdigest()
            before = self._journal.file(path)
            if before is None or before.hash != digest or path in again:
                self._taken -= {before.target.lower()} if before else set()
                target = untaken(name, self._taken)
                written = before.written if before else ""
                planned.append(
                    PlannedFile(path, target, digest, PROJECT, frame=text, written=written)
                )
        self._journal.put_files(planned)
        return {f"({name})" for name in made}

    def _forget(self, paths: Collection[str]) -> int:
        with self._journal.together():
            for path in sorted(paths):
                file = self._journal.file(path)
                if file is not None and file.written:
                    self._journal.note_gone(file.target, file.written)
                self._journal.forget_file(path)
                self._journal.forget_outline(path)
        return len(paths)


def _by_line(losses: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return the losses of a skeleton that say at which line of the source they are."""
    found = (re.fullmatch(r"line (\d+): (.*)", loss, re.DOTALL) for loss in losses)
    return tuple((int(match[1]), match[2]) for match in found if match)


def _with_what_is_known(unit: PlannedUnit, old: PlannedUnit | None) -> PlannedUnit:
    """Return ``unit`` with the translation of ``old``, where that is of the same text."""
    if old is None or old.key != unit.key or UnitState.RULE in (unit.state, old.state):
        return unit
    return replace(
        unit,
        state=old.state,
        compile_state=old.compile_state,
        attempt=old.attempt,
        candidate=old.candidate,
        since=old.since,
        translated=old.translated,
        behaves=old.behaves,
        reason=old.reason,
        lost=old.lost,
        confidence=old.confidence,
    )


def _fingerprint(settings: MigrationSettings, packs: tuple[LanguagePack, LanguagePack]) -> str:
    """Return what changes when files must be cut anew."""
    asked = settings.model_dump_json(
        include={"source", "target", "select", "references", "packages", "types"}
    )
    digest = hashlib.sha256(asked.encode())
    for pack in packs:
        for file in sorted(_data_of(pack.folder)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _data_of(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix in (".toml", ".scm"))

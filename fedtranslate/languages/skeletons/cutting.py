"""All that a migration needs to know of one file: its units, what they use, and its skeleton.

One value, so that a file that is not trusted is read in one go, in a process that can be killed
(``worker.ParseWorker.file``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from fedtranslate.languages.dependencies import uses_of
from fedtranslate.languages.layout import below_sources, package_in, package_of
from fedtranslate.languages.outlines.outline import outline_of
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.skeletons.loose import (
    Loose,
    loose_comments,
    lost_comments,
    with_loose_comments,
    with_own_comments,
)
from fedtranslate.languages.skeletons.skeleton import Skeleton, line_of, skeleton_of
from fedtranslate.languages.skeletons.surroundings import Surroundings
from fedtranslate.languages.units import units_in
from fedtranslate.records import Unit

UNREAD = "code that does not parse is left out"
"""Stands in those losses of a skeleton that nobody meant to leave out."""


@dataclass(frozen=True, slots=True)
class CutFile:
    """A file, cut."""

    units: tuple[Unit, ...]
    """From top to bottom; none inside another."""
    uses: tuple[tuple[str, ...], ...]
    """The names that each unit refers to."""
    package: str = ""
    """As the file declares it."""
    target_package: str = ""
    """What it is called in the target; empty within one language."""
    skeleton: Skeleton | None = None
    """None within one language, and where the packs have no rules for it."""


def cut_file(
    text: str,
    pack: LanguagePack,
    target: LanguagePack,
    path: str = "",
    *,
    packages: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
    surroundings: Surroundings | None = None,
) -> CutFile:
    """Cut a whole file.

    With a skeleton the units are those of its places, fields and statements among them; without
    one they are what ``units_in`` gives.

    Args:
        text: The file.
        pack: Its language.
        target: The language it goes to; the same where code stays in its language.
        path: What the units shall say of where they come from.
        packages: Names of packages in the target, where the rule of the packs is not enough.
        types: Names of types likewise.
        surroundings: The project around the file.
    """
    package = package_of(text, pack) or _package_by_folder(path, pack)
    if target.name == pack.name:
        units = units_in(text, pack, path)
        return CutFile(tuple(units), tuple(uses_of(unit.text, pack) for unit in units), package)
    named = package_in(package, pack, target, packages or {})
    outline = outline_of(text, pack)
    skeleton = None
    if outline is not None:
        loose = loose_comments(text, pack, outline)
        skeleton = skeleton_of(
            with_own_comments(outline, loose),
            pack,
            target,
            path=below_sources(path, pack),
            package=named,
            types=types,
            surroundings=replace(surroundings or Surroundings(), names=packages or {}),
        )
        if skeleton is not None:
            skeleton = _with_comments(text, pack, skeleton, loose)
    units = (
        units_in(text, pack, path) if skeleton is None else _of_slots(text, pack, path, skeleton)
    )
    if skeleton is not None and outline is not None and outline.broken:
        skeleton = replace(
            skeleton, losses=(*skeleton.losses, *dict.fromkeys(_unread(text, pack, units)))
        )
    uses = tuple(uses_of(unit.text, pack) for unit in units)
    return CutFile(tuple(units), uses, package, named, skeleton)


def _with_comments(text: str, pack: LanguagePack, skeleton: Skeleton, loose: Loose) -> Skeleton:
    """Return a skeleton with the comments that belong to no place, and those lost in its losses."""
    full = with_loose_comments(skeleton, loose, pack)
    lost = dict.fromkeys(lost_comments(text, pack, full))
    return replace(full, losses=tuple(sorted((*full.losses, *lost), key=line_of)))


def _unread(text: str, pack: LanguagePack, units: Sequence[Unit]) -> Iterator[str]:
    """Yield what is in no unit since the parser could not read it, and so is in no skeleton."""
    problems = parse_problems(text, pack)
    if not problems:
        yield f"line 1: {UNREAD}: types are nested too deep"
    for problem in problems:
        inside = (
            unit.first_line <= problem.line <= unit.first_line + unit.text.count("\n")
            for unit in units
        )
        if not any(inside):
            yield f"line {problem.line}: {UNREAD}: {problem.message}"


def _package_by_folder(path: str, pack: LanguagePack) -> str:
    """Return the package of a file where folders are packages and no file declares one."""
    if pack.package is not None or not pack.layout.package_folders:
        return ""
    folders = PurePosixPath(below_sources(path, pack)).parent.parts
    return pack.layout.package_separator.join(folders)


def _of_slots(text: str, pack: LanguagePack, path: str, skeleton: Skeleton) -> list[Unit]:
    code = text.encode("utf-8", "replace")
    slots = (piece for piece in skeleton.pieces if not isinstance(piece, str))
    return [
        Unit(
            language=pack.name,
            kind=slot.kind,
            name=slot.name,
            text=code[slot.start_byte : slot.end_byte].decode("utf-8", "replace"),
            first_line=code.count(b"\n", 0, slot.start_byte) + 1,
            start_byte=slot.start_byte,
            end_byte=slot.end_byte,
            path=path,
            container=slot.container,
        )
        for slot in sorted(slots, key=lambda slot: slot.start_byte)
    ]

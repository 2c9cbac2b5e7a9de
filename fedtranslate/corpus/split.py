"""Divide pairs into train, validation and held-out, never through a group.

A group is a file: the methods of one file know each other, and a split by rows would let the
model see half of the answers.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

from pathspec import GitIgnoreSpec

from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair


@dataclass(frozen=True, slots=True)
class Split:
    """The three parts; each keeps the order of the pairs it was made from."""

    train: tuple[CodePair, ...]
    validation: tuple[CodePair, ...] = ()
    """Chooses rounds and drives the gate."""
    held_out: tuple[CodePair, ...] = ()
    """Read once, at the end."""


def split_by_group(
    pairs: Sequence[CodePair], *, validation: float = 0.1, held_out: float = 0.1, seed: int
) -> Split:
    """Split by the hash of each group's name, so that a group stays where it is as others come.

    Parts are as large as whole groups allow.  With few groups train is filled first, then
    validation.

    Args:
        pairs: In any order.
        validation: Share of the pairs, 0 for none.
        held_out: Share of the pairs, 0 for none; both together below 1.
        seed: Another seed gives another split.

    Raises:
        CorpusError: The shares are negative or leave nothing for train.
    """
    if not (0 <= validation < 1 and 0 <= held_out < 1 and validation + held_out < 1):
        raise CorpusError(
            f"Shares of {validation} for validation and {held_out} held out cannot be split.",
            hint="Neither may be negative, and both together must be below 1.",
        )
    sizes: dict[str, int] = defaultdict(int)
    for pair in pairs:
        sizes[pair.group] += 1
    order = sorted(sizes, key=lambda group: (_place(group, seed), group))
    part_of: dict[str, str] = {}
    for part, share, others in (("validation", validation, held_out), ("held_out", held_out, 0)):
        free = {group: sizes[group] for group in order if group not in part_of}
        if share > 0 and len(free) > 1:
            most = max(1, len(free) - (2 if others else 1))
            part_of.update(dict.fromkeys(_take(free, share * len(pairs), most), part))
    return _parts(pairs, part_of)


def split_by_files(
    pairs: Sequence[CodePair],
    validation: Iterable[str],
    held_out: Iterable[str],
    *,
    root: PurePath | None = None,
) -> Split:
    """Split by globs of the groups, written as in .gitignore: ``billing/``, ``**/*Tax*.java``.

    A glob may be written as seen from the folder that was searched, or from one above it.  What
    matches both lists is held out.

    Args:
        pairs: Their groups are paths.
        validation: Globs.
        held_out: Globs.
        root: The folder that the groups are relative to, where they are paths.

    Raises:
        CorpusError: Globs are malformed or match no group, which is a spelling mistake that
            would otherwise train on what should be held out; all of them are told.
    """
    groups = sorted({pair.group for pair in pairs})
    part_of: dict[str, str] = {}
    mistakes: list[str] = []
    for part, globs in (("validation", validation), ("held_out", held_out)):
        for glob in globs:
            try:
                found = _matching(glob, groups, root or PurePath())
            except ValueError as error:
                mistakes.append(f"{part}: the glob {glob!r} {error}.")
            else:
                part_of.update(dict.fromkeys(found, part))
    if mistakes:
        raise CorpusError(
            " ".join(mistakes),
            hint=f"The {len(groups)} source files are called like {groups[0]!r}; '**/' at the start"
            " of a glob stands for any folders."
            if groups
            else "There are no source files with pairs.",
        )
    return _parts(pairs, part_of)


def _place(group: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{group}".encode("utf-8", "replace")).digest()


def _take(sizes: Mapping[str, int], wanted: float, most: int) -> list[str]:
    """Return groups of about ``wanted`` pairs in all: one at least, and ``most`` at most."""
    chosen: list[str] = []
    total = 0
    for group, size in sizes.items():
        # a group enters when that brings the total nearer to what is wanted
        if total + size / 2 <= wanted and len(chosen) < most:
            chosen.append(group)
            total += size
    return chosen or [min(sizes, key=sizes.__getitem__)]


def _matching(glob: str, groups: Sequence[str], root: PurePath) -> list[str]:
    """Return the groups that ``glob`` matches, seen from the nearest folder where any does.

    Raises:
        ValueError: It is malformed or matches none.
    """
    if glob.startswith("!"):
        raise ValueError("cannot be negative")
    try:
        spec = GitIgnoreSpec.from_lines([glob])
    except ValueError as error:
        raise ValueError(f"is malformed: {error}") from None
    prefix = PurePosixPath()
    for folder in ("", *reversed([name for name in root.parts if name != root.anchor])):
        prefix = folder / prefix
        if found := [group for group in groups if spec.match_file(prefix / group)]:
            return found
    raise ValueError("matches none of the source files")


def _parts(pairs: Sequence[CodePair], part_of: Mapping[str, str]) -> Split:
    parts: dict[str, list[CodePair]] = {"train": [], "validation": [], "held_out": []}
    for pair in pairs:
        parts[part_of.get(pair.group, "train")].append(pair)
    return Split(**{name: tuple(members) for name, members in parts.items()})

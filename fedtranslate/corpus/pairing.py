"""Mine pairs: match the units of two source trees, or of one half-migrated repository.

Types are matched first (``blocks``), then their members: those whose names agree by convention,
overloads by the best total; then similar names; last, rare names that moved to another type.  No
unit is in two pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from fedtranslate.corpus.assignment import assign
from fedtranslate.corpus.blocks import Block, block_likeness, blocks_of, match_blocks
from fedtranslate.corpus.discover import Skipped, source_files
from fedtranslate.corpus.likeness import (
    CONVENTION,
    Candidate,
    body_likeness,
    overlap,
    prepare,
    unit_likeness,
)
from fedtranslate.corpus.names import CONSTRUCTOR, name_likeness
from fedtranslate.errors import CorpusError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import read_source
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.records import CodePair, Unit

_PLACE = 0.6
"""Share of a pair's confidence that hangs on the likeness of the types around it."""
_NAME_TIERS = (1.0, 0.9, CONVENTION, 0.2)
"""Least likeness of names, tier by tier: equal, of known convention, setters, similar."""
_MOST_COMBINATIONS = 40_000
_MOST_OVERLOADS = 64
_MOVED = 0.9
_MOVED_BODY = 0.6
_EXTENSION_OF_STUBS = ".pyi"


@dataclass(frozen=True, slots=True)
class Mined:
    """What was found in two trees."""

    pairs: tuple[CodePair, ...]
    """By source file, top to bottom."""
    unmatched_source: tuple[Unit, ...]
    unmatched_target: tuple[Unit, ...]
    pending: tuple[Unit, ...]
    """Those of ``unmatched_source`` whose file has no counterpart at all: still to migrate."""
    source_files: int
    target_files: int
    skipped: Mapping[str, int]
    """Reason to number of files that were not read, of both sides."""


@dataclass(frozen=True, slots=True)
class _Match:
    source: Candidate
    target: Candidate
    confidence: float


def mine_pairs(
    source_root: Path,
    target_root: Path,
    source_language: str,
    target_language: str,
    *,
    minimum_confidence: float = 0.6,
    on_file: Callable[[str], object] | None = None,
    complaint: Callable[[Path, str], str] | None = None,
) -> Mined:
    """Match the units of two trees.

    Args:
        source_root: Folder of the source language.
        target_root: Folder of the target language; may be the same folder.
        source_language: Name of a language pack.
        target_language: Name of another, or of the same, if the folders lie apart.
        minimum_confidence: Pairs below are not made, and their units stay unmatched.
        on_file: Called with each path that is read.
        complaint: Returns why a file of this path and text may not be used; empty if it may.

    Raises:
        CorpusError: A folder cannot be read, or both sides are the same.
        UnknownNameError: No pack has the name of a language.
    """
    packs = (load_pack(source_language), load_pack(target_language))
    if packs[0].name == packs[1].name and _overlap(source_root, target_root):
        raise CorpusError(
            f"Both sides are {packs[0].title}, and one folder is in the other: every unit would be "
            "its own translation.",
            hint="Name two folders that lie apart, or two languages.",
        )
    skipped = Skipped()
    with ParseWorker() as worker:
        tree = _Tree(skipped, on_file, complaint, worker)
        sources, source_count = tree.read(source_root, packs[0])
        targets, target_count = tree.read(target_root, packs[1])
    matches, counterparts = _match(sources, targets, minimum_confidence)
    matched = {id(side) for match in matches for side in (match.source, match.target)}
    unmatched = [c.unit for c in sources if id(c) not in matched]
    return Mined(
        pairs=tuple(_pairs(sources, matches, packs)),
        unmatched_source=tuple(unmatched),
        unmatched_target=tuple(c.unit for c in targets if id(c) not in matched),
        pending=tuple(unit for unit in unmatched if unit.path not in counterparts),
        source_files=source_count,
        target_files=target_count,
        skipped=dict(sorted(skipped.reasons.items())),
    )


@dataclass(frozen=True, slots=True)
class _Tree:
    """How the files of a tree are read."""

    skipped: Skipped
    on_file: Callable[[str], object] | None
    complaint: Callable[[Path, str], str] | None
    worker: ParseWorker

    def read(self, root: Path, pack: LanguagePack) -> tuple[list[Candidate], int]:
        """Return the units under ``root``, and of how many files they are."""
        found: list[Candidate] = []
        count = 0
        for file in source_files(root, pack, self.skipped):
            text = read_source(file.data).text
            if reason := self._reason(root / file.path, text):
                self.skipped.add(reason)
                continue
            if self.on_file is not None:
                self.on_file(file.path)
            count += 1
            units, problems = self.worker.units(text, pack.name, file.path)
            if problems:
                self.skipped.add("parser failed")
            found += [prepare(unit, pack) for unit in units]
        return found, count

    def _reason(self, path: Path, text: str) -> str:
        if path.name.endswith(_EXTENSION_OF_STUBS):
            return "type stub"
        return "" if self.complaint is None else self.complaint(path, text)


def _overlap(first: Path, second: Path) -> bool:
    one, other = first.resolve(), second.resolve()
    return one.is_relative_to(other) or other.is_relative_to(one)


def _match(
    sources: Sequence[Candidate], targets: Sequence[Candidate], least: float
) -> tuple[list[_Match], set[str]]:
    """Return the matches, and the paths of the source files that have any counterpart."""
    source_blocks, target_blocks = blocks_of(sources), blocks_of(targets)
    matches: list[_Match] = []
    counterparts: set[str] = set()
    for both in match_blocks(source_blocks, target_blocks):
        source, target = source_blocks[both.source], target_blocks[both.target]
        matches += _match_members(source, target, both.likeness, least)
        counterparts |= {candidate.unit.path for candidate in source.units}
    matches += _match_moved(source_blocks, target_blocks, matches, least)
    counterparts |= {match.source.unit.path for match in matches}
    return matches, counterparts


def _match_members(source: Block, target: Block, place: float, least: float) -> Iterator[_Match]:
    """Match the units of two blocks: equal names first, similar ones last."""
    lefts, rights = list(source.units), list(target.units)
    for least_name in _NAME_TIERS:
        possible = {
            (left, right): _Match(one, other, score)
            for left, right in _worth_a_look(lefts, rights, least_name)
            if name_likeness((one := lefts[left]).name, (other := rights[right]).name) >= least_name
            and (score := _confidence(unit_likeness(one, other), place)) >= least
        }
        chosen = assign({pair: _preference(match) for pair, match in possible.items()})
        yield from (possible[pair] for pair in chosen)
        taken_left, taken_right = {left for left, _ in chosen}, {right for _, right in chosen}
        lefts = [unit for index, unit in enumerate(lefts) if index not in taken_left]
        rights = [unit for index, unit in enumerate(rights) if index not in taken_right]


def _worth_a_look(
    lefts: Sequence[Candidate], rights: Sequence[Candidate], least_name: float
) -> Iterator[tuple[int, int]]:
    """Yield all combinations, but of very large types only those with one name or member."""
    is_exact = least_name == 1
    if not is_exact and len(lefts) * len(rights) <= _MOST_COMBINATIONS:
        yield from product(range(len(lefts)), range(len(rights)))
        return

    def key(candidate: Candidate) -> str:
        return candidate.name.plain if is_exact else candidate.name.member

    by_key: dict[str, list[int]] = defaultdict(list)
    for right, candidate in enumerate(rights):
        by_key[key(candidate)].append(right)
    seen: Counter[str] = Counter()
    for left, candidate in enumerate(lefts):
        name = key(candidate)
        first = max(0, seen[name] - _MOST_OVERLOADS // 2)  # both sides are in a like order
        yield from ((left, right) for right in by_key[name][first : first + _MOST_OVERLOADS])
        seen[name] += 1


def _preference(match: _Match) -> float:
    """Return what the assignment makes large: bodies tell overloads apart that are all likely."""
    return match.confidence + overlap(match.source, match.target)


def _match_moved(
    sources: Sequence[Block], targets: Sequence[Block], matches: Sequence[_Match], least: float
) -> Iterator[_Match]:
    """Match units whose name is left only once on either side, and whose bodies agree well."""
    matched = {id(side) for match in matches for side in (match.source, match.target)}
    left, right = _rare(sources, matched), _rare(targets, matched)
    for name in sorted(left.keys() & right.keys() - {CONSTRUCTOR}):
        (one, home), (other, new_home) = left[name], right[name]
        if body_likeness(one, other) < _MOVED_BODY:
            continue
        place = block_likeness(home, new_home)
        confidence = _MOVED * _confidence(unit_likeness(one, other), place)
        if confidence >= least:
            yield _Match(one, other, confidence)


def _rare(blocks: Sequence[Block], matched: set[int]) -> dict[str, tuple[Candidate, Block]]:
    all_names = Counter(unit.name.plain for block in blocks for unit in block.units)
    found: dict[str, list[tuple[Candidate, Block]]] = defaultdict(list)
    for block in blocks:
        for unit in block.units:
            if id(unit) not in matched and all_names[unit.name.plain] == 1:
                found[unit.name.plain].append((unit, block))
    return {name: entries[0] for name, entries in found.items()}


def _confidence(likeness: float, place: float) -> float:
    return likeness * (1 - _PLACE + _PLACE * place)


def _pairs(
    sources: Sequence[Candidate],
    matches: Sequence[_Match],
    packs: tuple[LanguagePack, LanguagePack],
) -> Iterator[CodePair]:
    by_source = {id(match.source): match for match in matches}
    names: Counter[str] = Counter()
    for candidate in sources:
        match = by_source.get(id(candidate))
        if match is None:
            continue
        name = unit_id(candidate.unit)
        names[name] += 1
        yield CodePair(
            source=candidate.unit.text,
            target=match.target.unit.text,
            source_language=packs[0].name,
            target_language=packs[1].name,
            id=name if names[name] == 1 else f"{name}~{names[name]}",
            group=candidate.unit.path,
            confidence=round(min(1.0, match.confidence), 3),
        )


def unit_id(unit: Unit) -> str:
    """Return how reports call ``unit``: ``path#Type.name(parameters)``."""
    name = f"{unit.container}.{unit.name}" if unit.container else unit.name
    parameters = "" if unit.kind == "property" else f"({', '.join(unit.parameters)})"
    return f"{unit.path}#{name}{parameters}"

"""Match the types and modules of two source trees, before their members are matched.

A block is what the units of one type are in: the type, with the files that C# spreads it over;
or the module, for functions without a type.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fedtranslate.corpus.likeness import Candidate
from fedtranslate.corpus.names import CONSTRUCTOR, word_likeness
from fedtranslate.languages.naming import words

_NAME, _PATH, _MEMBERS = 0.5, 0.2, 0.3
"""Shares of the three kinds of evidence in the likeness of two blocks."""
_UNKNOWN_PATH = 0.7
_UNKNOWN_MEMBERS = 0.5
_LEAST = 0.5
_MANY = 60
"""A name or member that more blocks have tells nothing, and would make matching quadratic."""
_LAYOUT = (
    "src main source sources target lib libs java csharp cs py python com org net de io app apps "
    "code project projects package packages old new legacy"
)
"""Folder names that say nothing of what is inside."""
_ANY_TYPE = frozenset(
    (CONSTRUCTOR, "tostring", "equals", "hashcode", "compareto", "clone", "main", "close", "size")
)
"""Members that say nothing of what a type is."""
_RENAMED = 0.6
"""Share of the telling members that a type of another name must have in common, at least three;
and what those then count for in place of the name."""


@dataclass(frozen=True, slots=True)
class Block:
    """A type or module with its units."""

    path: str
    """Of its first file."""
    name: str
    """Of the type without those around it, or of the module; plain, see ``names.plain``."""
    words: frozenset[str]
    around: frozenset[str]
    """Words of the folders and of the enclosing types."""
    members: frozenset[str]
    telling: frozenset[str]
    """The members that not every other type has too."""
    units: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class BlockMatch:
    """Two blocks that belong together."""

    source: int
    target: int
    likeness: float


def blocks_of(units: Iterable[Candidate]) -> list[Block]:
    """Group ``units`` into blocks, in the order of their first units."""
    grouped: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in units:
        path = PurePosixPath(candidate.unit.path)
        # Order.cs and Order.Totals.cs hold parts of one type
        place = str(path.parent / path.name.split(".")[0]) if candidate.unit.container else path
        grouped[(str(place), candidate.unit.container)].append(candidate)
    return [_block(members) for members in grouped.values()]


def match_blocks(sources: Sequence[Block], targets: Sequence[Block]) -> list[BlockMatch]:
    """Return one-to-one matches: equal names first, then renamed ones by their members.

    Likeness is in 0..1, and 1 for equal names in like folders with the same members.
    """
    matches = _best(_named_alike(sources, targets), sources, targets)
    open_sources = set(range(len(sources))) - {match.source for match in matches}
    open_targets = set(range(len(targets))) - {match.target for match in matches}
    renamed = _sharing(sources, targets, open_sources, open_targets)
    return matches + _best(renamed, sources, targets)


def block_likeness(source: Block, target: Block) -> float:
    """Return 0..1 how sure two blocks are the same."""
    name = 1.0
    if source.name != target.name:
        alike = 0.9 * word_likeness(source.words, target.words)
        name = max(alike, _RENAMED * _telling_in_common(source, target))
    path = _UNKNOWN_PATH
    if source.around and target.around:
        shared = len(source.around & target.around)
        path = 2 * shared / (len(source.around) + len(target.around))
    members = _UNKNOWN_MEMBERS
    if smaller := min(len(source.members), len(target.members)):
        # of the smaller: a type may be migrated in part only
        members = len(source.members & target.members) / smaller
    return _NAME * name + _PATH * path + _MEMBERS * members


def _block(units: Sequence[Candidate]) -> Block:
    first = units[0].unit
    path = PurePosixPath(first.path)
    *outer, last = first.container.split(".") if first.container else [path.name.split(".")[0]]
    name = words(last)
    if len(name) > 1 and name[0] == "i":
        name = name[1:]  # an interface of .NET
    around = {word for folder in path.parent.parts for word in words(folder)}
    around -= set(_LAYOUT.split())
    around |= {word for part in outer for word in words(part)}
    members = frozenset(candidate.name.member for candidate in units)
    return Block(
        path=first.path,
        name="".join(name) or last,
        words=frozenset(name),
        around=frozenset(around),
        members=members,
        telling=members - _ANY_TYPE,
        units=tuple(units),
    )


_Candidates = Iterable[tuple[int, int]]


def _best(
    candidates: _Candidates, sources: Sequence[Block], targets: Sequence[Block]
) -> list[BlockMatch]:
    """Choose greedily, best likeness first; ties by path, so that the order does not matter."""
    scored = [
        (-likeness, sources[s].path, targets[t].path, s, t)
        for s, t in candidates
        if (likeness := block_likeness(sources[s], targets[t])) >= _LEAST
    ]
    matches = []
    taken_sources: set[int] = set()
    taken_targets: set[int] = set()
    for negative, _, _, s, t in sorted(scored):
        if s not in taken_sources and t not in taken_targets:
            taken_sources.add(s)
            taken_targets.add(t)
            matches.append(BlockMatch(s, t, -negative))
    return matches


def _named_alike(sources: Sequence[Block], targets: Sequence[Block]) -> _Candidates:
    index = _Index(targets, range(len(targets)), lambda block: (block.name,))
    for s, block in enumerate(sources):
        same = index.postings.get(block.name, ())
        if len(same) > _MANY:  # Main, Program, Builder: only those in like folders
            same = sorted(same, key=lambda t: (-len(block.around & targets[t].around), t))[:_MANY]
        yield from ((s, t) for t in same)


def _sharing(
    sources: Sequence[Block],
    targets: Sequence[Block],
    open_sources: set[int],
    open_targets: set[int],
) -> _Candidates:
    """Yield blocks of other names that share a telling word of the name, or two members."""
    by_word = _Index(targets, sorted(open_targets), lambda block: block.words)
    by_member = _Index(targets, sorted(open_targets), lambda block: block.telling)
    for s in sorted(open_sources):
        shared = by_member.sharing(sources[s].telling)
        close = {t for t, count in shared.items() if count > 1}
        close |= set(by_word.sharing(sources[s].words))
        yield from ((s, t) for t in sorted(close) if _may_be_renamed(sources[s], targets[t]))


def _may_be_renamed(source: Block, target: Block) -> bool:
    if not source.members & target.members:
        return False
    has_like_name = word_likeness(source.words, target.words) >= 0.5
    return has_like_name or _telling_in_common(source, target) >= _RENAMED


def _telling_in_common(source: Block, target: Block) -> float:
    """Return the share of telling members that both have, of the smaller; 0 below three."""
    shared = len(source.telling & target.telling)
    return shared / min(len(source.telling), len(target.telling)) if shared > 2 else 0.0


@dataclass(slots=True)
class _Index:
    """Finds blocks by a feature they have."""

    blocks: Sequence[Block]
    which: Iterable[int]
    features: Callable[[Block], Iterable[str]]
    postings: Mapping[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        postings: dict[str, list[int]] = defaultdict(list)
        for index in self.which:
            for feature in self.features(self.blocks[index]):
                postings[feature].append(index)
        self.postings = postings

    def sharing(self, features: Iterable[str]) -> dict[int, int]:
        """Return how many telling features each block shares."""
        counts: dict[int, int] = defaultdict(int)
        for feature in features:
            found = self.postings.get(feature, ())
            if len(found) <= _MANY:
                for index in found:
                    counts[index] += 1
        return counts

"""What of a text is still in another: by lines, then by words, then by the ends of words.

A comparison letter by letter finds letters of one word all over another; what counts as unchanged
here is what a reader would say so of.  Time is bounded: what is too long to be compared word by
word counts as changed where its lines have.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_LINES = 20_000
_MOST_WORDS = 3_000
"""Of a changed stretch on either side; difflib can need the square of it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch that is the same on both sides."""

    before: int
    after: int
    size: int


class Survival:
    """What of ``before`` is in ``after``."""

    def __init__(self, before: str, after: str) -> None:
        self.blocks: tuple[Block, ...] = tuple(_merged(_blocks(before, after)))
        self._starts = [block.before for block in self.blocks]
        self._after_length = len(after)

    def surviving(self, start: int, end: int) -> int:
        """Return how many characters of ``before[start:end]`` are unchanged."""
        return sum(
            min(end, block.before + block.size) - max(start, block.before)
            for block in self._near(start, end)
        )

    def is_whole(self, start: int, end: int) -> bool:
        """Tell whether ``before[start:end]`` is unchanged, and nothing stands inside of it."""
        return any(
            block.before <= start and end <= block.before + block.size
            for block in self._near(start, end)
        )

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in ``after`` that is which ``before[start:end]`` has become."""
        return self._mapped(start, is_end=False), self._mapped(end, is_end=True)

    def _near(self, start: int, end: int) -> Iterator[Block]:
        first = max(0, bisect_right(self._starts, start) - 1)
        for block in self.blocks[first:]:
            if block.before >= end:
                return
            if block.before + block.size > start:
                yield block

    def _mapped(self, place: int, *, is_end: bool) -> int:
        index = bisect_right(self._starts, place - is_end) - 1
        if index >= 0:
            block = self.blocks[index]
            if place <= block.before + block.size - (not is_end):
                return block.after + place - block.before
            if not is_end:
                return block.after + block.size
        if not is_end:
            return 0
        if index + 1 < len(self.blocks):
            return self.blocks[index + 1].after
        return self._after_length


def likeness(one: str, other: str, least: float = 0.0) -> float:
    """Return the share of words that two texts have in common, in the same order.

    Args:
        one: A text.
        other: Another.
        least: Where it is less, it is not computed to the end, and 0.
    """
    words, others = _WORD.findall(one)[:_MOST_WORDS], _WORD.findall(other)[:_MOST_WORDS]
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()


def _blocks(before: str, after: str) -> Iterator[Block]:
    if before == after:
        yield Block(0, 0, len(before))
        return
    lines, others = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(lines), len(others)) > _MOST_LINES:
        yield from _ends(before, after, 0, 0)
        return
    starts, other_starts = _starts(lines), _starts(others)
    for tag, i, j, k, m in _alike(lines, others):
        a, b = starts[i], other_starts[k]
        if tag == "equal":
            yield Block(a, b, starts[j] - a)
        elif tag == "replace":
            yield from _by_words(before[a : starts[j]], after[b : other_starts[m]], a, b)


def _by_words(before: str, after: str, a: int, b: int) -> Iterator[Block]:
    words, others = _WORD.findall(before), _WORD.findall(after)
    if max(len(words), len(others)) > _MOST_WORDS:
        yield from _ends(before, after, a, b)
        return
    starts, other_starts = _starts(words), _starts(others)
    for tag, i, j, k, m in _alike(words, others):
        if tag == "equal":
            yield Block(a + starts[i], b + other_starts[k], starts[j] - starts[i])
        elif tag == "replace" and j - i == m - k:
            for n in range(j - i):
                word, other = words[i + n], others[k + n]
                yield from _ends(word, other, a + starts[i + n], b + other_starts[k + n])


def _alike(one: Sequence[str], other: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Compare, common ends first: that leaves little to difflib."""
    head, tail = _shared(one, other)
    matcher = SequenceMatcher(
        None, one[head : len(one) - tail], other[head : len(other) - tail], autojunk=False
    )
    inner = [
        (tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in matcher.get_opcodes()
    ]
    ends = ("equal", len(one) - tail, len(one), len(other) - tail, len(other))
    return [("equal", 0, head, 0, head), *inner, ends]


def _ends(before: str, after: str, a: int, b: int) -> Iterator[Block]:
    """Yield what is the same at the beginning and at the end of two texts."""
    head, tail = _shared(before, after)
    yield Block(a, b, head)
    yield Block(a + len(before) - tail, b + len(after) - tail, tail)


def _shared(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Return how much is the same at the beginning, and of the rest at the end."""
    short = min(len(one), len(other))
    head = next((n for n in range(short) if one[n] != other[n]), short)
    short -= head
    return head, next((n for n in range(short) if one[-1 - n] != other[-1 - n]), short)


def _merged(blocks: Iterator[Block]) -> Iterator[Block]:
    last: Block | None = None
    for block in blocks:
        if not block.size:
            continue
        if last is not None and (last.before + last.size, last.after + last.size) == (
            block.before,
            block.after,
        ):
            last = Block(last.before, last.after, last.size + block.size)
            continue
        if last is not None:
            yield last
        last = block
    if last is not None:
        yield last


def _starts(parts: Sequence[str]) -> list[int]:
    return list(accumulate(map(len, parts), initial=0))

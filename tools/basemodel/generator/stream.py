"""Give pairs without end."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from tools.basemodel.generator.csharp import CSharpPrinter
from tools.basemodel.generator.java import JavaPrinter
from tools.basemodel.generator.members import member
from tools.basemodel.generator.page import Layout, Page
from tools.basemodel.generator.scope import Scope
from tools.basemodel.generator.tree import Member

COMPACT_SHARE: Final = 0.7
ALLMAN_SHARE: Final = 0.7
MAX_CHARACTERS: Final = 1200
"""Longer pairs are drawn again: the model's window is short, and real ones this long are rare."""

COMPACT: Final = (Layout(True, " "), Layout(True, ""))
KERNIGHAN: Final = (Layout(False), Layout(False))
ALLMAN: Final = (Layout(False), Layout(False, allman=True))


@dataclass(frozen=True, slots=True)
class GeneratedPair:
    """The same member in both languages, and the kind of member that it is."""

    java: str
    csharp: str
    kind: str


def pairs(seed: int) -> Iterator[GeneratedPair]:
    """Give aligned pairs for ever; the same seed gives the same pairs."""
    rng = Random(seed)
    while True:
        kind, node = member(Scope(rng))
        layouts = COMPACT
        if rng.random() > COMPACT_SHARE:
            layouts = ALLMAN if rng.random() < ALLMAN_SHARE else KERNIGHAN
        java, csharp = render(node, layouts)
        if len(java) <= MAX_CHARACTERS and len(csharp) <= MAX_CHARACTERS:
            yield GeneratedPair(java, csharp, kind)


def render(node: Member, layouts: tuple[Layout, Layout]) -> tuple[str, str]:
    """Print a member as Java and as C#."""
    java, csharp = Page(layouts[0]), Page(layouts[1])
    JavaPrinter(java).member(node)
    CSharpPrinter(csharp).member(node)
    return java.text(), csharp.text()

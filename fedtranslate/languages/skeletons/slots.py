"""The parts of a skeleton: text that stands, and slots for what is translated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from fedtranslate.languages.pack import LanguagePack


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a skeleton where the translation of one declaration goes."""

    start_byte: int
    """Of the declaration in the source; no two slots of a skeleton have the same."""
    end_byte: int
    kind: str
    name: str
    container: str
    """The types around it in the source, outermost first, with dots between them."""
    indent: str
    """White space before each line of what is put here."""
    target_name: str
    signature: str
    """In the target language, such as ``public void Deposit(Money amount)``."""
    stub: str
    """Target text, flush left, that compiles; "" for a statement."""
    sure: bool
    """Whether the stub is the translation already, so that nobody needs to be asked for one."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The text of a file with slots in it."""

    pieces: tuple[str | Slot, ...]
    losses: tuple[str, ...]
    """What the rules could not carry over, in words."""
    target: LanguagePack
    """The language of the file."""


Pieces: TypeAlias = list[str | Slot]
"""Texts are complete with their indentation; a slot brings its own."""


def on_lines(text: str, indent: str) -> str:
    """Return a text that the rules made, with ``indent`` before each line that holds something."""
    return "\n".join(indent + line if line else line for line in text.split("\n"))


def joined(parts: Sequence[Pieces], separator: str) -> Pieces:
    """Return the parts one behind the other."""
    pieces: Pieces = []
    for number, part in enumerate(parts):
        pieces += [separator, *part] if number else part
    return pieces


def slots_in(pieces: Sequence[str | Slot]) -> Iterator[Slot]:
    """Yield the slots among the pieces."""
    return (piece for piece in pieces if isinstance(piece, Slot))

"""A file in the target language in which only bodies are missing, made by rules alone."""

from dataclasses import dataclass


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

"""The order in which units are written: what is used comes before what uses it.

Units are cut into *waves*: those of a wave are written together, in batches, and then the target
is built.  Works on names alone, which are read from the journal and not kept, so that neither the
code of a large repository nor all of its names need be in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fedtranslate.languages.dependencies import Named, groups_in_order
from fedtranslate.migration.journal import Journal


def put_in_order(journal: Journal, language: str, least: int) -> None:
    """Give each unit that needs the model its wave; a wave has ``least`` units or more."""
    rows = journal.rows_of_names()
    with journal.together():
        journal.set_waves(_by_wave(_waves(_Names(journal, language), least), rows))


@dataclass(frozen=True, slots=True)
class _Names:
    """What the order depends on, read anew each time that it is gone through."""

    journal: Journal
    language: str

    def __iter__(self) -> Iterator[Named]:
        for kind, name, container, uses in self.journal.names():
            yield Named(self.language, kind, name, container, uses)


def _waves(units: Iterable[Named], least: int) -> Iterator[list[int]]:
    """Yield the numbers of the units of each wave, each in the order given.

    A wave ends when it has ``least`` units; units that need each other are in one wave.
    """
    wave: list[int] = []
    for group in groups_in_order(units):
        wave += group
        if len(wave) >= least:
            yield sorted(wave)
            wave = []
    if wave:
        yield sorted(wave)


def _by_wave(found: Iterable[list[int]], rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each unit's wave and row, as the journal wants them."""
    for number, wave in enumerate(found):
        yield from ((number, rows[place]) for place in wave)

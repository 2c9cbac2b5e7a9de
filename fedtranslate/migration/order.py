"""The order in which units are written: what is used comes before what uses it.

Units are cut into *waves*: those of a wave are written together, in batches, and then the target
is built.  Works on names alone, so that the code of a large repository need not be in memory.
"""

from collections.abc import Iterable, Iterator, Sequence

from fedtranslate.languages.dependencies import Named, groups_in_order


def waves(units: Sequence[Named], least: int) -> Iterator[list[int]]:
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


def by_wave(found: Iterable[list[int]], ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each unit's wave, as the journal wants it."""
    for number, wave in enumerate(found):
        yield from ((number, ids[place]) for place in wave)

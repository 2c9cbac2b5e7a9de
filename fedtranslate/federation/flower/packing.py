"""What is heavy on the wire: an adapter or a file, in packs of bytes.

Flower carries every array as objects of its own, each of which is stored, asked for and fetched by
itself, so that two matrices for each of hundreds of modules take minutes, and large ones much
memory at once.  Packs are neither.  The factors of an adapter stand one behind the other, each as
its format writes it; a layout tells where each lies, and is checked against the packs before one is
opened.  No byte of a pack is more than part of a number, or of a file.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flwr.app import Array, ArrayRecord, ConfigRecord

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.adapters.wire.coding import Base, Coded, How, Shape, check_base, coded, decoded
from fedtranslate.adapters.wire.coding import sizes as sizes_of
from fedtranslate.adapters.wire.floats import FLOAT32
from fedtranslate.adapters.wire.formats import Format
from fedtranslate.errors import AggregationError, FederationError

PACK_BYTES = 2 << 20
"""Of each pack but the last; the SuperLink has several copies of it in hand for each site."""
MAX_MODULES = 50_000
_MAX_NAME = 256
_STYPE = "little-endian"
_DTYPE = "uint8"
_SIDES = ("rank", "out", "in")
_HOWS = ("how-a", "how-b")
_ABOUT = ("format", "since")
_COLUMNS = ("modules", *_SIDES, *_HOWS)


@dataclass(frozen=True, slots=True)
class Layout:
    """What an adapter in packs is said to be."""

    format: str
    """Name of the format of its numbers."""
    since: str
    """SHA-256 of the adapter that it is seen from; empty if it needs none."""
    shapes: Mapping[str, Shape]
    """Modules in order."""
    hows: Mapping[str, tuple[How, How]]
    """How A and B of each travel."""

    def floats(self) -> int:
        """Return how many bytes all factors are as float32."""
        return 4 * sum(rank * (out + columns) for rank, out, columns in self.shapes.values())

    def sizes(self, wire: Format) -> dict[str, tuple[int, int]]:
        """Return how many bytes A and B of each module take in the packs."""
        return sizes_of(self.shapes, self.hows, wire)


def packed(adapter: Adapter) -> tuple[ArrayRecord, ConfigRecord]:
    """Return the factors of ``adapter`` as packs of float32, and their layout."""
    return packed_coded(coded(adapter, FLOAT32))


def packed_coded(sent: Coded) -> tuple[ArrayRecord, ConfigRecord]:
    """Return a coded adapter as packs, and their layout.

    For each module, in the order of the layout, A (rank by in) stands before B (out by rank), row
    by row; a factor may begin in one pack and end in another.
    """
    hows: list[int] = []

    def contents() -> Iterator[bytes]:
        for part in sent.parts:
            hows.append(int(part.how))
            yield part.content

    packs = _record(_packs(contents()))
    layout: dict[str, Any] = {"modules": list(sent.shapes)}
    for number, column in enumerate(_SIDES):
        layout[column] = [shape[number] for shape in sent.shapes.values()]
    layout |= {"how-a": hows[::2], "how-b": hows[1::2]}
    layout |= {"format": sent.format, "since": sent.since}
    return packs, ConfigRecord(layout)


def unpacked(
    packs: object,
    layout: object,
    scaling: float,
    limit_bytes: int = MAX_BYTES,
    *,
    formats: Mapping[str, Format] | None = None,
    base: Base | None = None,
) -> dict[str, Factors]:
    """Return the adapter in ``packs``, which are taken out of their record one by one.

    So a heavy adapter is not in memory twice.

    Args:
        packs: From a message, of whatever kind.
        layout: Likewise.
        scaling: Of the adapter.
        limit_bytes: Of all factors; one pack under many names weighs little on the wire.
        formats: That the adapter may come in, by name; None takes float32 alone.
        base: What this end has that the adapter may be seen from.

    Raises:
        FederationError: They are not as ``packed_coded`` makes them.  The record of packs is whole
            then, unless a format refuses the numbers in it.
    """
    told = layout_in(layout)
    wire = ({FLOAT32.name: FLOAT32} if formats is None else formats).get(told.format)
    if wire is None:
        raise FederationError(f"The adapter in the message comes as {told.format[:40]!a}.")
    if told.since and (base is None or base.checksum != told.since):
        raise FederationError("The adapter in the message is seen from one that is not here.")
    if told.floats() > limit_bytes:
        raise FederationError("The adapter in the message is too large.")
    seen_from = base if told.since else None
    try:
        check_base(told.shapes, told.hows, seen_from)
        total = sum(map(sum, told.sizes(wire).values()))
        read = _reader(_checked(packs, total))
        return decoded(told.shapes, told.hows, read, wire, seen_from, scaling)
    except AggregationError as error:
        raise FederationError(str(error)) from None


def packed_file(content: bytes) -> ArrayRecord:
    """Return the content of a file as packs, which are views of it."""
    whole = memoryview(content)
    starts = range(0, len(content), PACK_BYTES)
    return _record(whole[start : start + PACK_BYTES] for start in starts)


def unpacked_file(packs: object, limit_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a file in ``packs``, which are taken out of their record.

    Args:
        packs: From a message, of whatever kind.
        limit_bytes: Of the file.

    Raises:
        FederationError: They are not as ``packed_file`` makes them, or more than is read.
    """
    # What is no pack of a file adds nothing to the size, and is found out by it.
    sizes = [len(pack.data) for pack in packs.values()] if isinstance(packs, ArrayRecord) else []
    if sum(sizes) > limit_bytes:
        raise FederationError("The file in the message is too large.")
    checked = _checked(packs, sum(sizes))
    return b"".join(checked.pop(_key(number)).data for number in range(len(sizes)))


def layout_in(layout: object) -> Layout:
    """Return what a layout says.

    Raises:
        FederationError: It is malformed.
    """
    if not isinstance(layout, ConfigRecord) or set(layout) != {*_COLUMNS, *_ABOUT}:
        raise FederationError("The message has no layout of an adapter.")
    names, *columns = (layout[column] for column in _COLUMNS)
    if not all(
        isinstance(column, list) and len(column) == len(names) for column in (names, *columns)
    ):
        raise FederationError("The layout of the adapter has columns of different lengths.")
    if not 0 < len(names) <= MAX_MODULES or len(set(names)) < len(names):
        raise FederationError("The layout lists no modules, too many, or one twice.")
    if not all(type(name) is str and 0 < len(name) <= _MAX_NAME for name in names):
        raise FederationError("The layout has names that no module has.")
    sides, hows = columns[: len(_SIDES)], columns[len(_SIDES) :]
    if any(type(side) is not int or not 0 < side < 2**31 for column in sides for side in column):
        raise FederationError("The layout has shapes that no matrix has.")
    if any(type(how) is not int or how not in set(How) for column in hows for how in column):
        raise FederationError("The layout has factors that travel in no known way.")
    if any(type(layout[key]) is not str or len(layout[key]) > _MAX_NAME for key in _ABOUT):
        raise FederationError("The layout does not say what its numbers are.")
    ways = ((How(a), How(b)) for a, b in zip(*hows, strict=True))
    return Layout(
        layout["format"],
        layout["since"],
        dict(zip(names, zip(*sides, strict=True), strict=True)),
        dict(zip(names, ways, strict=True)),
    )


def _record(packs: Iterable[bytes | memoryview]) -> ArrayRecord:
    record = ArrayRecord()
    for number, pack in enumerate(packs):
        array = Array(_DTYPE, (len(pack),), _STYPE, b"")
        array.data = pack  # afterwards: Flower would not take a view
        record[_key(number)] = array
    return record


def _packs(contents: Iterable[bytes]) -> Iterator[bytes]:
    pack = bytearray()
    for content in contents:
        left = memoryview(content)
        while left:
            taken = left[: PACK_BYTES - len(pack)]
            pack += taken
            left = left[len(taken) :]
            if len(pack) == PACK_BYTES:
                yield bytes(pack)
                pack.clear()
    if pack:
        yield bytes(pack)


def _checked(packs: object, total: int) -> ArrayRecord:
    """Return ``packs`` if they hold ``total`` bytes in the way they should."""
    if not isinstance(packs, ArrayRecord):
        raise FederationError("The message has no packs where they belong.")
    count = math.ceil(total / PACK_BYTES)
    # Their number first: a layout may speak of more than there is.
    if len(packs) != count or set(packs) != {_key(number) for number in range(count)}:
        raise FederationError("The packs in the message are not those that belong there.")
    for number in range(count):
        pack, size = packs[_key(number)], min(PACK_BYTES, total - number * PACK_BYTES)
        about = (_DTYPE, _STYPE, (size,))
        if (pack.dtype, pack.stype, tuple(pack.shape)) != about or len(pack.data) != size:
            raise FederationError(f"The pack {number} in the message is not of its size and kind.")
    return packs


def _reader(packs: ArrayRecord) -> Callable[[int], bytearray]:
    """Return what reads the next so many bytes."""
    number, rest = 0, memoryview(b"")

    def read(size: int) -> bytearray:
        nonlocal number, rest
        content, filled = bytearray(size), 0
        while filled < size:
            if not rest:
                rest, number = memoryview(packs.pop(_key(number)).data), number + 1
            taken = rest[: size - filled]
            content[filled : filled + len(taken)] = taken
            filled, rest = filled + len(taken), rest[len(taken) :]
        return content

    return read


def _key(number: int) -> str:
    return f"{number:06d}"

"""What is heavy on the wire: an adapter or a file, in packs of bytes.

Flower carries every array as objects of its own, each of which is stored, asked for and fetched by
itself, so that two matrices for each of hundreds of modules take minutes, and large ones much
memory at once.  Packs are neither.  The factors of an adapter stand one behind the other; a layout
tells where each lies, and is checked against the packs before one is opened.  No byte of a pack is
more than part of a number, or of a file.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.tensors import MAX_BYTES
from fedtranslate.errors import FederationError

PACK_BYTES = 2 << 20
"""Of each pack but the last; the SuperLink has several copies of it in hand for each site."""
MAX_MODULES = 50_000
_MAX_NAME = 256
_STYPE = "little-endian"
_WIDTHS = {"float32": 4, "uint8": 1}
"""Bytes of a number by what an array is said to hold."""
_COLUMNS = ("modules", "rank", "out", "in")
Shape = tuple[int, int, int]
"""Rank, rows of B, columns of A."""


def packed(adapter: Adapter) -> tuple[ArrayRecord, ConfigRecord]:
    """Return the factors of ``adapter`` as packs of float32, and their layout.

    For each module, in the order of the layout, A (rank by in) stands before B (out by rank), row
    by row; a matrix may begin in one pack and end in another.
    """
    names = sorted(adapter)
    matrices = (matrix for name in names for matrix in (adapter[name].a, adapter[name].b))
    layout: dict[str, Any] = {
        "modules": names,
        "rank": [adapter[name].a.shape[0] for name in names],
        "out": [adapter[name].b.shape[0] for name in names],
        "in": [adapter[name].a.shape[1] for name in names],
    }
    return _record("float32", _packs(matrices)), ConfigRecord(layout)


def unpacked(
    packs: object, layout: object, scaling: float, limit_bytes: int = MAX_BYTES
) -> dict[str, Factors]:
    """Return the adapter in ``packs``, which are taken out of their record one by one.

    So a heavy adapter is not in memory twice.

    Args:
        packs: From a message, of whatever kind.
        layout: Likewise.
        scaling: Of the adapter.
        limit_bytes: Of all factors; one pack under many names weighs little on the wire.

    Raises:
        FederationError: They are not as ``packed`` makes them; the record of packs is whole then.
    """
    shapes = shapes_in(layout)
    total = 4 * sum(rank * (out + columns) for rank, out, columns in shapes.values())
    if total > limit_bytes:
        raise FederationError("The adapter in the message is too large.")
    read = _reader(_checked(packs, "float32", total))
    adapter = {}
    for name, (rank, out, columns) in shapes.items():
        a = read(rank, columns)
        adapter[name] = Factors(a, read(out, rank), scaling)
    return adapter


def packed_file(content: bytes) -> ArrayRecord:
    """Return the content of a file as packs, which are views of it."""
    whole = memoryview(content)
    starts = range(0, len(content), PACK_BYTES)
    return _record("uint8", (whole[start : start + PACK_BYTES] for start in starts))


def unpacked_file(packs: object) -> bytes:
    """Return the content of a file in ``packs``, which are taken out of their record.

    Raises:
        FederationError: They are not as ``packed_file`` makes them, or more than is read.
    """
    # What is no pack of a file adds nothing to the size, and is found out by it.
    sizes = [len(pack.data) for pack in packs.values()] if isinstance(packs, ArrayRecord) else []
    if sum(sizes) > MAX_BYTES:
        raise FederationError("The file in the message is too large.")
    checked = _checked(packs, "uint8", sum(sizes))
    return b"".join(checked.pop(_key(number)).data for number in range(len(sizes)))


def shapes_in(layout: object) -> Mapping[str, Shape]:
    """Return the modules of a layout with their shapes, in order.

    Raises:
        FederationError: It is malformed.
    """
    if not isinstance(layout, ConfigRecord) or set(layout) != set(_COLUMNS):
        raise FederationError("The message has no layout of an adapter.")
    names, *sides = (layout[column] for column in _COLUMNS)
    if not all(
        isinstance(column, list) and len(column) == len(names) for column in (names, *sides)
    ):
        raise FederationError("The layout of the adapter has columns of different lengths.")
    if not 0 < len(names) <= MAX_MODULES or len(set(names)) < len(names):
        raise FederationError("The layout lists no modules, too many, or one twice.")
    if not all(type(name) is str and 0 < len(name) <= _MAX_NAME for name in names):
        raise FederationError("The layout has names that no module has.")
    if any(type(side) is not int or not 0 < side < 2**31 for column in sides for side in column):
        raise FederationError("The layout has shapes that no matrix has.")
    return dict(zip(names, zip(*sides, strict=True), strict=True))


def _record(dtype: str, packs: Iterable[bytes | memoryview]) -> ArrayRecord:
    record = ArrayRecord()
    for number, pack in enumerate(packs):
        array = Array(dtype, (len(pack) // _WIDTHS[dtype],), _STYPE, b"")
        array.data = pack  # afterwards: Flower would not take a view
        record[_key(number)] = array
    return record


def _packs(matrices: Iterable[Tensor]) -> Iterator[bytes]:
    pack = bytearray()
    for matrix in matrices:
        plain = matrix.detach().to(device="cpu", dtype=torch.float32).contiguous().numpy()
        left = plain.astype("<f4", copy=False).reshape(-1).data.cast("B")
        while left:
            taken = left[: PACK_BYTES - len(pack)]
            pack += taken
            left = left[len(taken) :]
            if len(pack) == PACK_BYTES:
                yield bytes(pack)
                pack.clear()
    if pack:
        yield bytes(pack)


def _checked(packs: object, dtype: str, total: int) -> ArrayRecord:
    """Return ``packs`` if they hold ``total`` bytes of such numbers in the way they should."""
    if not isinstance(packs, ArrayRecord):
        raise FederationError("The message has no packs where they belong.")
    count = math.ceil(total / PACK_BYTES)
    # Their number first: a layout may speak of more than there is.
    if len(packs) != count or set(packs) != {_key(number) for number in range(count)}:
        raise FederationError("The packs in the message are not those that belong there.")
    for number in range(count):
        pack, size = packs[_key(number)], min(PACK_BYTES, total - number * PACK_BYTES)
        about = (dtype, _STYPE, (size // _WIDTHS[dtype],))
        if (pack.dtype, pack.stype, tuple(pack.shape)) != about or len(pack.data) != size:
            raise FederationError(f"The pack {number} in the message is not {dtype} of its size.")
    return packs


def _reader(packs: ArrayRecord) -> Callable[[int, int], Tensor]:
    """Return what reads one matrix after the other."""
    number, rest = 0, memoryview(b"")

    def read(rows: int, columns: int) -> Tensor:
        nonlocal number, rest
        content, filled = bytearray(4 * rows * columns), 0
        while filled < len(content):
            if not rest:
                rest, number = memoryview(packs.pop(_key(number)).data), number + 1
            taken = rest[: len(content) - filled]
            content[filled : filled + len(taken)] = taken
            filled, rest = filled + len(taken), rest[len(taken) :]
        values = np.frombuffer(content, "<f4").astype(np.float32, copy=False)
        return torch.from_numpy(values).reshape(rows, columns)

    return read


def _key(number: int) -> str:
    return f"{number:06d}"

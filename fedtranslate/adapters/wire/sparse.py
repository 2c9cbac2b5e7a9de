"""The largest entries of a matrix alone, and where they stand.

With error feedback the others follow in later rounds (Aji and Heafield 2017, arXiv:1704.05021).

The places are coded as Elias and Fano do (Elias 1974, "Efficient storage and retrieval by content
and address of static files"): k places among n take about 2 + log2(n / k) bits each, whichever they
are, so that the size is known beforehand.  The lower l bits of each place stand in a row; of the
upper ones it is told in unary how often each value occurs.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fedtranslate.adapters.wire.checking import Floats, check_length, numbers
from fedtranslate.errors import AggregationError

_REPEATED = "The places of the numbers that came are out of range, repeated or too few."


class Values(Protocol):
    """How the values of the entries are written."""

    @property
    def name(self) -> str:
        """Name of the format."""

    def size(self, count: int) -> int:
        """Return how many bytes ``count`` numbers take."""

    def encode(self, values: Floats, seed: int) -> bytes:
        """Return numbers as bytes."""

    def decode(self, content: bytes | bytearray, count: int) -> Floats:
        """Return the numbers in ``content``."""


@dataclass(frozen=True, slots=True)
class SparseFormat:
    """The ``share`` of all entries that are largest in magnitude; the others read as 0."""

    share: float
    values: Values
    is_exact: bool = False

    @property
    def name(self) -> str:
        """Name of the format."""
        return f"top {self.share:g} {self.values.name}"

    def kept(self, count: int) -> int:
        """Return how many of ``count`` entries travel."""
        return min(count, max(1, math.ceil(self.share * count)))

    def size(self, count: int) -> int:
        """Return how many bytes ``count`` numbers take."""
        if not count:
            return 0
        kept = self.kept(count)
        upper, lower = _bits(count, kept)
        return _bytes(upper) + _bytes(lower * kept) + self.values.size(kept)

    def bound(self, largest: float) -> float:
        """Return the largest error of numbers of magnitude ``largest`` at most: one not sent."""
        return largest

    def encode(self, values: Floats, seed: int) -> bytes:
        """Return ``values``, finite and of one dimension, as bytes.

        Of entries of one magnitude, those that come first are taken.

        Raises:
            AggregationError: They are not finite.
        """
        plain = numbers(values)
        if not plain.size:
            return b""
        kept = self.kept(plain.size)
        places = np.sort(np.argsort(-np.abs(plain), kind="stable")[:kept])
        return _coded(places, plain.size) + self.values.encode(plain[places], seed)

    def decode(self, content: bytes | bytearray, count: int) -> Floats:
        """Return the ``count`` numbers in ``content``.

        Raises:
            AggregationError: It has another length, places that are out of range or repeated, or
                values that the format within refuses.
        """
        check_length(content, self.size(count), self.name)
        if not count:
            return np.zeros(0, np.float32)
        kept = self.kept(count)
        end = len(content) - self.values.size(kept)
        places = _places(content[:end], count, kept)
        found = np.zeros(count, np.float32)
        found[places] = self.values.decode(content[end:], kept)
        return found


def _bits(count: int, kept: int) -> tuple[int, int]:
    """Return how many bits tell the upper parts of all places, and how many the lower of each."""
    lower = (count // kept).bit_length() - 1
    return kept + ((count - 1) >> lower) + 1, lower


def _bytes(bits: int) -> int:
    return -(-bits // 8)


def _coded(places: NDArray[np.int64], count: int) -> bytes:
    kept = len(places)
    upper, lower = _bits(count, kept)
    told = np.zeros(upper, np.uint8)
    told[(places >> lower) + np.arange(kept)] = 1
    low = (places[:, None] >> np.arange(lower)) & 1
    written = (np.packbits(bits, bitorder="little") for bits in (told, low.astype(np.uint8)))
    return b"".join(part.tobytes() for part in written)


def _places(content: bytes | bytearray, count: int, kept: int) -> NDArray[np.int64]:
    upper, lower = _bits(count, kept)
    whole = np.frombuffer(content, np.uint8)
    told = np.unpackbits(whole[: _bytes(upper)], bitorder="little")
    low = np.unpackbits(whole[_bytes(upper) :], bitorder="little")
    ones = np.flatnonzero(told)
    if len(ones) != kept or ones[-1] >= upper or low[kept * lower :].any():
        raise AggregationError(_REPEATED)
    parts = low[: kept * lower].reshape(kept, lower).astype(np.int64)
    places: NDArray[np.int64] = ((ones - np.arange(kept)) << lower) + (
        parts << np.arange(lower, dtype=np.int64)
    ).sum(axis=1)
    if places[-1] >= count or (np.diff(places) <= 0).any():
        raise AggregationError(_REPEATED)
    return places

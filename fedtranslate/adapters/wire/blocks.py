"""Numbers as small integers with one scale per block, rounded up or down at random.

A block is a run of numbers, row by row, in the order of the matrix.  Its scale is its largest
magnitude divided by the largest integer, as bfloat16, which has the range of float32, and rounded
up, so that nothing is cut off.  A number x becomes floor(x / scale + u) with u uniform in [0, 1):
its mean over u is x / scale, so what is read is x in the mean (Alistarh et al. 2017, QSGD,
arXiv:1610.02132; the scale by block is that of Dettmers et al. 2022, arXiv:2110.02861).

The scales stand first, then the integers: int8 in a byte each, two int4 in a byte, the first in its
lower half, each with 8 added.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedtranslate.adapters.wire.checking import Floats, check_length, numbers
from fedtranslate.adapters.wire.floats import brain_bits_above, from_brain_bits
from fedtranslate.adapters.wire.rounding import uniforms
from fedtranslate.errors import AggregationError

LARGEST = 2.0**127
"""Magnitude above which a number is saturated, so that none becomes infinite when it is read."""
_SCALE_BYTES = 2
_ROUND_UP = 1 + 2.0**-7
"""By how much a scale may grow by being written as a bfloat16."""
_SMALLEST_SCALE = 2.0**-133
_HALF_BYTE = 8


@dataclass(frozen=True, slots=True)
class BlockFormat:
    """Integers of ``bits`` (8 or 4) and one scale for every ``block`` of them."""

    name: str
    bits: int
    block: int
    is_exact: bool = False

    @property
    def levels(self) -> int:
        """The largest integer; the smallest is as far from zero."""
        return (1 << (self.bits - 1)) - 1

    def size(self, count: int) -> int:
        """Return how many bytes ``count`` numbers take."""
        return _SCALE_BYTES * -(-count // self.block) + -(-count * self.bits // 8)

    def bound(self, largest: float) -> float:
        """Return the largest error in a block of numbers of magnitude ``largest`` at most."""
        return max(largest / self.levels * _ROUND_UP, _SMALLEST_SCALE)

    def encode(self, values: Floats, seed: int) -> bytes:
        """Return ``values``, finite and of one dimension, as bytes.

        Args:
            values: Of float32.
            seed: Decides which numbers are rounded up; number i by seed and i alone.

        Raises:
            AggregationError: They are not finite.
        """
        plain = np.clip(numbers(values).astype(np.float64), -LARGEST, LARGEST)
        bits = brain_bits_above(self._largest(plain) / self.levels)
        scales = self._spread(from_brain_bits(bits), plain.size)
        scaled = np.divide(plain, scales, out=np.zeros_like(plain), where=scales > 0)
        rounded = np.floor(scaled + uniforms(plain.size, seed))
        whole = np.clip(rounded, -self.levels, self.levels).astype(np.int8)
        return bits.tobytes() + (whole if self.bits == 8 else _halves(whole)).tobytes()

    def decode(self, content: bytes | bytearray, count: int) -> Floats:
        """Return the ``count`` numbers in ``content``.

        Raises:
            AggregationError: It has another length, or scales or integers that no numbers make.
        """
        check_length(content, self.size(count), self.name)
        blocks = -(-count // self.block)
        scales = from_brain_bits(np.frombuffer(content, "<u2", blocks))
        if not ((scales >= 0) & (scales <= LARGEST / self.levels * _ROUND_UP)).all():
            raise AggregationError(
                f"The numbers that came as {self.name} have a scale that is negative, infinite or"
                " NaN."
            )
        rest = content[_SCALE_BYTES * blocks :]
        whole = np.frombuffer(rest, np.int8) if self.bits == 8 else _whole(rest, count)
        if count and int(whole.min()) < -self.levels:
            raise AggregationError(f"The integers that came as {self.name} are out of range.")
        return whole.astype(np.float32) * self._spread(scales, count).astype(np.float32)

    def _largest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest magnitude of each block."""
        blocks = -(-values.size // self.block)
        whole = np.zeros(blocks * self.block)
        np.abs(values, out=whole[: values.size])
        largest: NDArray[np.float64] = whole.reshape(blocks, self.block).max(axis=1, initial=0.0)
        return largest

    def _spread(self, scales: Floats, count: int) -> NDArray[np.float64]:
        """Return the scale of every number."""
        return np.repeat(scales.astype(np.float64), self.block)[:count]


def _halves(whole: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Put two integers into a byte; half a byte that is left is 0, which stands for none."""
    moved = np.zeros(whole.size + whole.size % 2, np.uint8)
    moved[: whole.size] = whole + np.int8(_HALF_BYTE)
    return moved[::2] | (moved[1::2] << np.uint8(4))


def _whole(content: bytes | bytearray, count: int) -> NDArray[np.int8]:
    packed = np.frombuffer(content, np.uint8)
    halves = np.stack([packed & np.uint8(15), packed >> np.uint8(4)], axis=1).reshape(-1)
    if halves[count:].any():
        raise AggregationError("The integers that came as int4 are followed by something else.")
    return halves[:count].astype(np.int8) - np.int8(_HALF_BYTE)


INT8 = BlockFormat("int8", bits=8, block=128)
INT4 = BlockFormat("int4", bits=4, block=64)

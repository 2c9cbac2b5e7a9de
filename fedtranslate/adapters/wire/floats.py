"""Numbers as floating-point numbers of fewer bits, rounded to the nearest.

What a format has no room for is saturated: it becomes the largest number that there is room for.
With error feedback the rest follows in later rounds, and no site fails over one odd number.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedtranslate.adapters.wire.checking import Floats, check_finite, check_length, numbers

LARGEST_HALF = 65504.0
"""The largest float16."""
LARGEST_BRAIN = float(np.uint32(0x7F7F0000).view(np.float32))
"""The largest bfloat16."""


@dataclass(frozen=True, slots=True)
class FloatFormat:
    """One floating-point number each; little-endian."""

    name: str
    width: int
    """Bytes of a number."""
    precision: int
    """Bits of the significand, the hidden one included."""
    smallest: float
    """The smallest number above zero."""
    largest: float
    _write: Callable[[Floats], NDArray[np.generic]]
    _read: Callable[[bytes | bytearray], Floats]

    @property
    def is_exact(self) -> bool:
        """Whether every float32 comes out as it went in."""
        return self.width == 4

    def size(self, count: int) -> int:
        """Return how many bytes ``count`` numbers take."""
        return self.width * count

    def bound(self, largest: float) -> float:
        """Return the largest error of numbers up to ``largest``, where none is saturated."""
        return 0.0 if self.is_exact else max(largest * 2.0**-self.precision, self.smallest / 2)

    def encode(self, values: Floats, seed: int) -> bytes:  # noqa: ARG002 - nothing is random here
        """Return ``values``, finite and of one dimension, as bytes.

        Raises:
            AggregationError: They are not finite.
        """
        plain = numbers(values)
        if not self.is_exact:
            plain = np.clip(plain, -self.largest, self.largest)
        return self._write(plain).tobytes()

    def decode(self, content: bytes | bytearray, count: int) -> Floats:
        """Return the ``count`` numbers in ``content``.

        Raises:
            AggregationError: It has another length, or holds NaN or infinity.
        """
        check_length(content, self.size(count), self.name)
        return check_finite(self._read(content), self.name)


def brain_bits(values: Floats) -> NDArray[np.uint16]:
    """Return the bits of the bfloat16 nearest to each float32; ties go to the even one."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return ((bits + np.uint32(0x7FFF) + odd) >> np.uint32(16)).astype("<u2")


def brain_bits_above(values: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Return the bits of the smallest bfloat16 that is not below each of ``values``, all >= 0."""
    near = values.astype(np.float32)
    above = np.where(near < values, np.nextafter(near, np.float32(np.inf)), near)
    bits = above.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(0xFFFF)) >> np.uint32(16)).astype("<u2")


def from_brain_bits(bits: NDArray[np.uint16]) -> Floats:
    """Return bfloat16 numbers, given by their bits, as float32."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


FLOAT32 = FloatFormat(
    "float32",
    width=4,
    precision=24,
    smallest=2.0**-149,
    largest=float(np.finfo(np.float32).max),
    _write=lambda values: values.astype("<f4", copy=False),
    # What may be written to is not copied once more.
    _read=lambda content: np.frombuffer(content, "<f4").astype(
        np.float32, copy=isinstance(content, bytes)
    ),
)
FLOAT16 = FloatFormat(
    "float16",
    width=2,
    precision=11,
    smallest=2.0**-24,
    largest=LARGEST_HALF,
    _write=lambda values: values.astype("<f2"),
    _read=lambda content: np.frombuffer(content, "<f2").astype(np.float32),
)
BFLOAT16 = FloatFormat(
    "bfloat16",
    width=2,
    precision=8,
    smallest=2.0**-133,
    largest=LARGEST_BRAIN,
    _write=brain_bits,
    _read=lambda content: from_brain_bits(np.frombuffer(content, "<u2")),
)

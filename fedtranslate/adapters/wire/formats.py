"""The formats of numbers on the wire, by name."""

from collections.abc import Mapping
from typing import Protocol

from fedtranslate.adapters.wire.blocks import INT4, INT8
from fedtranslate.adapters.wire.checking import Floats
from fedtranslate.adapters.wire.floats import BFLOAT16, FLOAT16, FLOAT32
from fedtranslate.adapters.wire.sparse import SparseFormat
from fedtranslate.errors import UnknownNameError


class Format(Protocol):
    """Numbers as bytes and back; the bytes follow from numbers and seed on every machine alike."""

    @property
    def name(self) -> str:
        """Name of the format, as both ends know it."""

    @property
    def is_exact(self) -> bool:
        """Whether every float32 comes out as it went in."""

    def size(self, count: int) -> int:
        """Return how many bytes ``count`` numbers take, whatever they are."""

    def bound(self, largest: float) -> float:
        """Return the largest error of numbers of magnitude ``largest`` at most."""

    def encode(self, values: Floats, seed: int) -> bytes:
        """Return ``values``, of one dimension, as bytes.

        Raises:
            AggregationError: They are not finite.
        """

    def decode(self, content: bytes | bytearray, count: int) -> Floats:
        """Return the ``count`` numbers in ``content``.

        Raises:
            AggregationError: It is nothing that ``encode`` makes of so many numbers.
        """


FORMATS: Mapping[str, Format] = {one.name: one for one in (FLOAT32, FLOAT16, BFLOAT16, INT8, INT4)}


def find_format(name: str, top_k: float = 0.0) -> Format:
    """Return the format called ``name``, for the largest entries alone if ``top_k`` is not 0.

    Args:
        name: Of the numbers.
        top_k: Share of a matrix's entries that travel.

    Raises:
        UnknownNameError: There is no such format.
    """
    if name not in FORMATS:
        raise UnknownNameError("format of numbers", name, FORMATS)
    return SparseFormat(top_k, FORMATS[name]) if top_k else FORMATS[name]

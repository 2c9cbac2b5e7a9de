"""What every format asks of numbers and of bytes before it works on them."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fedtranslate.errors import AggregationError

Floats: TypeAlias = NDArray[np.float32]


def numbers(values: Floats) -> Floats:
    """Return ``values`` as float32 of one dimension.

    Raises:
        AggregationError: They are not finite.
    """
    plain = np.ascontiguousarray(values, np.float32).reshape(-1)
    if not np.isfinite(plain).all():
        raise AggregationError("Numbers that are NaN or infinite are not sent.")
    return plain


def check_length(content: bytes | bytearray, size: int, name: str) -> None:
    """Refuse bytes of another length than the numbers that they should hold take.

    Raises:
        AggregationError: They have another.
    """
    if len(content) != size:
        raise AggregationError(
            f"{len(content)} bytes came where numbers as {name} take {size}: they are damaged, or"
            " those of another matrix."
        )


def check_finite(values: Floats, name: str) -> Floats:
    """Return ``values`` that were read.

    Raises:
        AggregationError: They are not finite.
    """
    if not np.isfinite(values).all():
        raise AggregationError(f"The numbers that came as {name} hold NaN or infinity.")
    return values

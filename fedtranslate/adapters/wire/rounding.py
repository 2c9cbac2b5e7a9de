"""Random numbers for rounding: the same on every machine, for any number of threads.

They come from Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), which
computes each from a key and a counter.  Only its raw bits are taken: numpy promises that these stay
as they are from version to version, unlike what it makes of them.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

_TWO_32 = 2.0**32


def uniforms(count: int, seed: int) -> NDArray[np.float64]:
    """Return ``count`` numbers in [0, 1), in steps of 2**-32; number i depends on seed and i."""
    # Two numbers to each 64 bits; the lower half first, whatever the machine's byte order.
    raw = np.random.Philox(key=seed % 2**128).random_raw((count + 1) // 2)
    halves = raw.astype("<u8", copy=False).view("<u4")[:count]
    return halves.astype(np.float64) / _TWO_32


def seed_for(seed: int, name: str) -> int:
    """Return a seed of 128 bits for what ``name`` names, so that no two share their numbers."""
    digest = hashlib.sha256(f"rounding {seed} {name}".encode()).digest()
    return int.from_bytes(digest[:16], "big")

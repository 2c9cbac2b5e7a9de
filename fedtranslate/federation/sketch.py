"""Sketches of the sets of names that sites' code uses, which tell how alike these sets are.

A sketch is a b-bit minwise hash of one bit (Li and König 2010, arXiv:0910.3349): of each of HASHES
random orders of all names, the lowest bit of the first name of the set.  Two sets agree in each
with the probability E = (1 + J) / 2, where J is their Jaccard index; solved for J, that is
unbiased, with a standard error of 2 sqrt(E (1 - E) / HASHES), 0.044 at worst.

What a sketch gives away is 512 bits in all, and no name.  The salt follows from the run and is
known to all who know its settings, so whoever has a sketch can test whether a whole set of names
looks like that of the site.  A name of n is the first in about HASHES / n of the orders, so that
many bits tell of it: hardly one of a name among a thousand, but ten of one among fifty, which then
can be tested alone.  Each run has a salt of its own, so that sketches of different runs have
nothing in common for who does not know the names.  Sites give one only where their policy says so,
and of FEWEST names or more.
"""

import hashlib
import re
from collections.abc import Collection, Mapping

import numpy as np

from fedtranslate.config.federation import RunSettings
from fedtranslate.errors import FederationError

HASHES = 512
FEWEST = 256
"""Names of a set, at least, for its sketch to be shown: two bits tell of each of them then."""
DIGITS = HASHES // 4
"""Of a sketch in hex."""
_HASH = np.dtype(">u8")
_BYTES = 8
"""Of each hash; ties of different names are beyond reach."""
_EMPTY = (1 << 8 * _BYTES) - 1


def salt_of(settings: RunSettings) -> bytes:
    """Return the salt of a run, which follows from its name and its seed."""
    return hashlib.sha256(f"api names\0{settings.name}\0{settings.seed}".encode()).digest()


def sketched(names: Collection[str], salt: bytes) -> str:
    """Return the sketch of a set of names, in ``DIGITS`` hex digits.

    It is the same in whatever order and however often they come.
    """
    least = np.full(HASHES, _EMPTY, np.uint64)
    for name in set(names):
        digest = hashlib.shake_256(salt + name.encode("utf-8", "surrogatepass"))
        np.minimum(least, np.frombuffer(digest.digest(HASHES * _BYTES), _HASH), out=least)
    value = 0
    for one in least.tolist():
        value = value << 1 | one & 1
    return f"{value:0{DIGITS}x}"


def is_sketch(text: object) -> bool:
    """Tell whether ``text`` has the form of a sketch."""
    return isinstance(text, str) and re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", text) is not None


def jaccard(one: str, other: str) -> float:
    """Return the estimate of the Jaccard index of two sets from their sketches, 0 to 1.

    Raises:
        FederationError: One is no sketch.
    """
    if not (is_sketch(one) and is_sketch(other)):
        raise FederationError(f"A sketch of names has {DIGITS} hex digits; another text was found.")
    equal = 1 - (int(one, 16) ^ int(other, 16)).bit_count() / HASHES
    return max(0.0, 2 * equal - 1)


def likeness(sketches: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the estimated Jaccard indices between sites, by their names.

    Raises:
        FederationError: One is no sketch.
    """
    names = sorted(sketches)
    return {
        one: {other: round(jaccard(sketches[one], sketches[other]), 6) for other in names}
        for one in names
    }

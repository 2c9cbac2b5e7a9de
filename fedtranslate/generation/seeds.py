"""Seeds for many things, from one."""

import hashlib


def seed_of(seed: int, *places: int) -> int:
    """Return a seed for one of many: other places, and other seeds, have seeds of their own.

    It is at least 0 and below 2**31, which every server and every generator takes.
    """
    text = " ".join(map(str, (seed, *places)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1

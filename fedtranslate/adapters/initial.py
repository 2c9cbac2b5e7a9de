"""The adapter that a run starts from: A random, B zero, so that it changes nothing yet."""

import hashlib
from collections.abc import Mapping

import torch

from fedtranslate.adapters.factors import Factors


def initial_adapter(
    shapes: Mapping[str, tuple[int, int]], *, rank: int, scaling: float, seed: int
) -> dict[str, Factors]:
    """Return factors for modules of the given (out, in), the same on every machine.

    A is uniform within 1 / sqrt(in), as peft draws it.  Each module has its own random
    stream, so the values do not depend on which others are adapted.
    """
    adapter = {}
    for name, (n_out, n_in) in sorted(shapes.items()):
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest[:6], "big"))
        a = (2 * torch.rand(rank, n_in, generator=generator) - 1) / n_in**0.5
        adapter[name] = Factors(a, torch.zeros(n_out, rank), scaling)
    return adapter

"""Error feedback: what rounding has left over is sent with the next update.

With a residual e, 0 at first, an update u is sent as C(u + e), and u + e - C(u + e) is the next e.
What arrives in all then differs from what was to be sent by the last residual alone, however coarse
C is (Seide et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019,
arXiv:1901.09847, with the proof that it converges as without rounding, if less quickly).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.adapters.wire.formats import Format


@dataclass(frozen=True, slots=True)
class Sent:
    """An update as it leaves, and what of it stays."""

    content: bytes
    residual: Tensor
    """Shape of the update, float32."""


def send(update: Tensor, residual: Tensor | None, wire: Format, seed: int) -> Sent:
    """Return ``update`` and what was left over before as bytes, and what is left over now.

    Args:
        update: Of any shape.
        residual: Of the same shape; None where nothing is left over.
        wire: How it is written.
        seed: For its rounding.

    Raises:
        AggregationError: Update and residual are not finite together.
    """
    wanted = update.detach().double()
    if residual is not None:
        wanted = wanted + residual.double()
    content = wire.encode(wanted.float().reshape(-1).numpy(), seed)
    arrives = received(content, update.shape, wire)
    return Sent(content, (wanted - arrives.double()).float())


def received(content: bytes | bytearray, shape: torch.Size, wire: Format) -> Tensor:
    """Return what the other end reads: a float32 tensor of ``shape``.

    Raises:
        AggregationError: ``content`` is nothing that numbers of this shape are written as.
    """
    return torch.from_numpy(wire.decode(content, shape.numel())).reshape(shape)

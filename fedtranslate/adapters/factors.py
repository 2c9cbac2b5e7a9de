"""The adapter of one model: low-rank factors for every adapted matrix.

Notation, as in LoRA (Hu et al. 2021, arXiv:2106.09685): a frozen matrix W of shape (out, in)
is adapted by dW = s B A, with A of shape (rank, in), B of shape (out, rank) and the scaling
s = alpha / rank, or alpha / sqrt(rank) with rsLoRA (Kalajdzievski 2023, arXiv:2312.03732).
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """The update of one matrix: dW = scaling * b @ a."""

    a: Tensor
    """Shape (rank, in)."""
    b: Tensor
    """Shape (out, rank)."""
    scaling: float = 1.0

    @property
    def rank(self) -> int:
        """Rows of ``a``; the update itself may be of lower rank."""
        return int(self.a.shape[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (out, in) of the adapted matrix."""
        return int(self.b.shape[0]), int(self.a.shape[1])

    def delta(self) -> Tensor:
        """Return dW, shape (out, in), in the dtype of the factors."""
        return self.scaling * (self.b @ self.a)


Adapter: TypeAlias = Mapping[str, Factors]
"""Name of the adapted module, such as ``model.layers.0.self_attn.q_proj``, to its factors."""


def checksum(adapter: Adapter) -> str:
    """Return the SHA-256 of names, shapes, scalings and float32 values, in order of names.

    It does not depend on the order of the modules or on how the adapter was stored.
    """
    digest = hashlib.sha256()
    for name in sorted(adapter):
        factors = adapter[name]
        for part, tensor in (("a", factors.a), ("b", factors.b)):
            digest.update(f"{name}.{part} {tuple(tensor.shape)}\n".encode())
            digest.update(_bytes(tensor))
        digest.update(struct.pack("<d", factors.scaling))
    return digest.hexdigest()


def norm(adapter: Adapter) -> float:
    """Return the L2 norm over all factors together (not of the update they stand for)."""
    squares = [
        float(tensor.detach().double().square().sum())
        for factors in adapter.values()
        for tensor in (factors.a, factors.b)
    ]
    return float(sum(squares) ** 0.5)


def is_finite(adapter: Adapter) -> bool:
    """Tell whether no factor holds NaN or infinity."""
    return all(
        bool(torch.isfinite(tensor).all())
        for factors in adapter.values()
        for tensor in (factors.a, factors.b)
    )


def _bytes(tensor: Tensor) -> bytes:
    wide = tensor.detach().to(device="cpu", dtype=torch.float32).contiguous()
    little_endian = wide.numpy().astype("<f4", copy=False)
    return little_endian.tobytes()

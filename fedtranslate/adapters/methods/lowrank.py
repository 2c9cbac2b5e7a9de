"""A matrix as the product of two thin ones, and its arithmetic: no sum is ever formed."""

from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.adapters.compress import refactor, singular_values
from fedtranslate.adapters.factors import Factors


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """A matrix as b @ a, in float64."""

    a: Tensor
    """Shape (n, in)."""
    b: Tensor
    """Shape (out, n)."""

    @classmethod
    def of(cls, factors: Factors) -> "Product":
        """Return the update that ``factors`` stand for, their scaling within b."""
        return cls(factors.a.detach().double(), factors.b.detach().double() * factors.scaling)

    def factors(self, rank: int, scaling: float, *, towards: Tensor) -> Factors:
        """Return the nearest factors of ``rank``, as ``compress.refactor`` splits them."""
        return refactor(self.a, self.b, rank=rank, scaling=scaling, towards=towards)

    def plus(self, other: "Product", *, times: float = 1.0) -> "Product":
        """Return the sum with ``times`` the other."""
        return Product(torch.cat([self.a, other.a]), torch.cat([self.b, times * other.b], dim=1))

    def times(self, number: float) -> "Product":
        """Return a multiple."""
        return Product(self.a, number * self.b)

    def cut(self, rank: int) -> "Product":
        """Return the best approximation of ``rank``."""
        if len(self.a) <= rank:
            return self
        return Product.of(self.factors(rank, 1.0, towards=self.a))

    def norm(self) -> float:
        """Return the Frobenius norm."""
        square = ((self.b.T @ self.b) * (self.a @ self.a.T)).sum()
        return float(square.clamp_min(0).sqrt())

    def values(self) -> Tensor:
        """Return the singular values, largest first."""
        return singular_values(self.a, self.b)

    def mean_squares(self) -> tuple[Tensor, Tensor]:
        """Return the mean square of every row and of every column: shapes (out,) and (in,)."""
        rows = ((self.b @ (self.a @ self.a.T)) * self.b).sum(1) / self.a.shape[1]
        columns = ((self.b.T @ self.b @ self.a) * self.a).sum(0) / self.b.shape[0]
        return rows.clamp_min(0), columns.clamp_min(0)

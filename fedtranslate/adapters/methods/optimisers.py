"""Server optimisers: the mean product is a step, and the coordinator takes it with momentum.

The pseudo-gradient of a round is what the mean product is beyond the joint one (Reddi et al. 2020,
arXiv:2003.00295).  It, the momentum and the step stay low-rank throughout.  Second moments of a
matrix are kept as the means of its rows and columns (Adafactor, Shazeer and Stern 2018,
arXiv:1804.04235): these follow from the factors alone, and dividing by their product scales rows
and columns, which leaves the rank as it is.

A round takes its whole step, and the joint adapter the best of its rank of where that leads.  What
the next round remembers of the momentum is cut to ``momentum_ranks`` times that rank.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.adapters.combine import Cohort, finished
from fedtranslate.adapters.compress import refactor
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.method import Joint, Options, Phase


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix as b @ a, in float64."""

    a: Tensor
    """Shape (n, in)."""
    b: Tensor
    """Shape (out, n)."""

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
        kept = refactor(self.a, self.b, rank=rank, scaling=1.0, towards=self.a)
        return Product(kept.a.double(), kept.b.double())

    def mean_squares(self) -> tuple[Tensor, Tensor]:
        """Return the mean square of every row and of every column: shapes (out,) and (in,)."""
        rows = ((self.b @ (self.a @ self.a.T)) * self.b).sum(1) / self.a.shape[1]
        columns = ((self.b.T @ self.b @ self.a) * self.a).sum(0) / self.b.shape[0]
        return rows.clamp_min(0), columns.clamp_min(0)


Moments = Callable[[Tensor, Tensor, float], Tensor]
"""Makes the next second moments from the last ones, the new squares, and beta2."""


def fedavgm(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Take steps with momentum (Hsu et al. 2019, arXiv:1909.06335)."""

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        def step(name: str, gradient: Product, rank: int) -> tuple[Product, dict[str, Tensor]]:
            momentum = _momentum(joint, name)
            if momentum is not None:
                gradient = momentum.times(options["momentum"]).plus(gradient)
            kept = gradient.cut(int(options["momentum_ranks"]) * rank)
            return gradient.times(options["rate"]), _kept(name, kept)

        return _stepped(replies, weights, joint, step)

    return Phase(combine)


def fedadam(number: int, options: Options) -> Phase:
    """Take steps as Adam does, per row and column (Reddi et al. 2020, arXiv:2003.00295)."""
    return _adaptive(number, options, lambda last, new, beta: beta * last + (1 - beta) * new)


def fedyogi(number: int, options: Options) -> Phase:
    """Take steps as Yogi does: second moments fall no faster than they rise (the same paper)."""
    return _adaptive(
        number, options, lambda last, new, beta: last - (1 - beta) * new * torch.sign(last - new)
    )


def _adaptive(number: int, options: Options, moments: Moments) -> Phase:  # noqa: ARG001
    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        def step(name: str, gradient: Product, rank: int) -> tuple[Product, dict[str, Tensor]]:
            beta, last = options["beta1"], _momentum(joint, name)
            momentum = gradient.times(1 - beta)
            if last is not None:
                momentum = last.times(beta).plus(momentum)
            squares = {}
            for which, new in zip(("rows", "columns"), gradient.mean_squares(), strict=True):
                key = f"{name}.{which}"
                before = joint.memory.get(key, torch.zeros_like(new)).double()
                squares[key] = moments(before, new, options["beta2"])
            rows, columns = squares[f"{name}.rows"], squares[f"{name}.columns"]
            scaled = _divided(momentum, rows, columns, options["tau"])
            kept = {key: value.float() for key, value in squares.items()}
            cut = momentum.cut(int(options["momentum_ranks"]) * rank)
            return scaled.times(options["rate"]), {**_kept(name, cut), **kept}

        return _stepped(replies, weights, joint, step)

    return Phase(combine)


def _divided(momentum: Product, rows: Tensor, columns: Tensor, tau: float) -> Product:
    """Divide by the root of rows x columns / mean(rows), which stands for the second moments."""
    mean = rows.mean().sqrt() + tau
    by_row = mean / (rows.clamp_min(0).sqrt() + tau)
    by_column = 1 / (columns.clamp_min(0).sqrt() + tau)
    return Product(momentum.a * by_column, momentum.b * by_row[:, None])


def _stepped(
    replies: Sequence[Adapter],
    weights: Sequence[float],
    joint: Joint,
    step: Callable[[str, Product, int], tuple[Product, dict[str, Tensor]]],
) -> Joint:
    cohort = Cohort.of(replies, weights, may_lack=True)
    moved: dict[str, Factors] = {}
    memory: dict[str, Tensor] = {}
    for name, one in joint.adapter.items():
        here = Product(one.a.double(), one.b.double() * one.scaling)
        there = Product(*cohort.product(name))
        taken, kept = step(name, there.plus(here, times=-1.0), one.rank)
        memory |= kept
        whole = here.plus(taken)
        moved[name] = refactor(whole.a, whole.b, rank=one.rank, scaling=one.scaling, towards=one.a)
    return Joint(finished(moved), memory=memory)


def _momentum(joint: Joint, name: str) -> Product | None:
    memory: Mapping[str, Tensor] = joint.memory
    if f"{name}.momentum.a" not in memory:
        return None
    return Product(memory[f"{name}.momentum.a"].double(), memory[f"{name}.momentum.b"].double())


def _kept(name: str, momentum: Product) -> dict[str, Tensor]:
    a, b = momentum.a.float(), momentum.b.float()
    return {f"{name}.momentum.a": a, f"{name}.momentum.b": b}

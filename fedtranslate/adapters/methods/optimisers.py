"""Server optimisers: the mean product is a step, and the coordinator takes it with momentum.

The pseudo-gradient of a round is what the mean product is beyond the joint one (Reddi et al. 2020,
arXiv:2003.00295).  The papers take the entries of the model for what is optimised; here these are
the entries of the product, which is cut to the rank of the joint adapter after the step.  What is
kept of the momentum is cut to twice that rank.

Second moments, which the papers keep for every entry, are kept as the means of rows and columns
(Adafactor, Shazeer and Stern 2018, arXiv:1804.04235): these follow from the factors alone, and
dividing by their product scales rows and columns, which leaves the rank as it is.  They begin at
0 and not at tau^2, and tau is added to the roots of rows, columns and their mean alike.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.cohort import Cohort
from fedtranslate.adapters.combine import finished
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.lowrank import Product
from fedtranslate.adapters.methods.method import Joint, Options, Phase

_RANKS = 2
"""The momentum is kept at so many times the rank of the joint adapter."""


Moments = Callable[[Tensor, Tensor, float], Tensor]
"""Makes the next second moments from the last ones, the new squares, and beta2."""


def fedavgm(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Take steps with momentum (Hsu et al. 2019, arXiv:1909.06335)."""

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        def step(name: str, gradient: Product, rank: int) -> tuple[Product, dict[str, Tensor]]:
            momentum = _momentum(joint, name)
            if momentum is not None:
                gradient = momentum.times(options["momentum"]).plus(gradient)
            return gradient.times(options["rate"]), _kept(name, gradient.cut(_RANKS * rank))

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
            kept |= _kept(name, momentum.cut(_RANKS * rank))
            return scaled.times(options["rate"]), kept

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
    cohort = Cohort.of(replies, weights, like=joint.adapter)
    moved: dict[str, Factors] = {}
    memory: dict[str, Tensor] = {}
    for name, one in joint.adapter.items():
        here, there = Product.of(one), Product(*cohort.product(name))
        taken, kept = step(name, there.plus(here, times=-1.0), one.rank)
        memory |= kept
        moved[name] = here.plus(taken).factors(one.rank, one.scaling, towards=one.a)
    return Joint(finished(moved), memory=memory)


def _momentum(joint: Joint, name: str) -> Product | None:
    memory: Mapping[str, Tensor] = joint.memory
    if f"{name}.momentum.a" not in memory:
        return None
    return Product(memory[f"{name}.momentum.a"].double(), memory[f"{name}.momentum.b"].double())


def _kept(name: str, momentum: Product) -> dict[str, Tensor]:
    a, b = momentum.a.float(), momentum.b.float()
    return {f"{name}.momentum.a": a, f"{name}.momentum.b": b}

"""Server optimisers: the mean product is a step, and the coordinator takes it with momentum.

The pseudo-gradient of a round is what the mean product is beyond the joint one (Reddi et al. 2020,
arXiv:2003.00295).  The papers take the entries of the model for what is optimised; here these are
the entries of the product, which is cut to the rank of the joint adapter after the step.  What is
kept of the momentum is cut to ``momentum_ranks`` times that rank.

Second moments, which the papers keep for every entry, are kept as the means of rows and columns
(Adafactor, Shazeer and Stern 2018, arXiv:1804.04235): these follow from the factors alone, and
dividing by their product scales rows and columns, which leaves the rank as it is.  They begin at
0 and not at tau^2, and tau is added to the roots of rows, columns and their mean alike.

The papers' step has the size of the rate, entry by entry, whatever the sites have learned, so a
rate that suits one model and learning rate is far off for another.  With ``relative``, which is
ours, step and tau are in units of the root of the mean second moment: rate 1 steps about as far as
the mean product, and rows and columns share that out evenly.  ``bias_correction`` divides the
moments by the weights that they have gathered so far, as Adam does (Kingma and Ba 2014,
arXiv:1412.6980) and Reddi et al. do not; else the first steps of a relative rate are too short.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.cohort import Cohort
from fedtranslate.adapters.combine import finished
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.lowrank import Product
from fedtranslate.adapters.methods.method import Joint, Options, Phase

Moments = Callable[[Tensor, Tensor, float], Tensor]
"""Makes the next second moments from the last ones, the new squares, and beta2."""


def fedavgm(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Take steps with momentum (Hsu et al. 2019, arXiv:1909.06335)."""

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        def step(name: str, gradient: Product, rank: int) -> tuple[Product, dict[str, Tensor]]:
            momentum = _momentum(joint, name)
            if momentum is not None:
                gradient = momentum.times(options["momentum"]).plus(gradient)
            kept = _kept(name, gradient.cut(int(options["momentum_ranks"]) * rank))
            return gradient.times(options["rate"]), kept

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


def _adaptive(number: int, options: Options, moments: Moments) -> Phase:
    gathered = [
        1 - options[beta] ** number if options["bias_correction"] else 1.0
        for beta in ("beta1", "beta2")
    ]

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
            scaled = _divided(
                momentum.times(1 / gathered[0]),
                rows / gathered[1],
                columns / gathered[1],
                options["tau"],
                is_relative=bool(options["relative"]),
            )
            kept = {key: value.float() for key, value in squares.items()}
            kept |= _kept(name, momentum.cut(int(options["momentum_ranks"]) * rank))
            return scaled.times(options["rate"]), kept

        return _stepped(replies, weights, joint, step)

    return Phase(combine)


def _divided(
    momentum: Product, rows: Tensor, columns: Tensor, tau: float, *, is_relative: bool
) -> Product:
    """Divide by the root of rows x columns / mean(rows), which stands for the second moments.

    Args:
        momentum: What is divided.
        rows: Second moments of the rows.
        columns: Second moments of the columns.
        tau: Added to the roots.
        is_relative: Whether tau and the result are in units of the root of the mean moment.
    """
    unit = float(rows.mean().clamp_min(0).sqrt()) if is_relative else 1.0
    if not unit:
        return momentum.times(0.0)  # nothing has moved yet
    tau *= unit
    mean = rows.mean().clamp_min(0).sqrt() + tau
    by_row = mean / (rows.clamp_min(0).sqrt() + tau)
    by_column = unit / (columns.clamp_min(0).sqrt() + tau)
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

"""Methods that average products: exact, or the best that the rank allows."""

from collections.abc import Sequence

import torch

from fedtranslate.adapters.cohort import Cohort
from fedtranslate.adapters.combine import finished, mean_factors, mean_rows
from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.averages import ffa, under_frozen_a
from fedtranslate.adapters.methods.lowrank import Product
from fedtranslate.adapters.methods.method import Joint, Options, Part, Phase

_NEGLIGIBLE = 1e-7
"""Singular values below this share of the largest are rounding."""


def fra(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Average at full rank, cut by SVD (FRA-LoRA, arXiv:2501.06332; FlexLoRA, arXiv:2402.11505)."""
    return Phase(_cut)


def fra_then_ffa(number: int, options: Options) -> Phase:
    """Average at full rank while much is learned, then freeze A (arXiv:2501.06332)."""
    return fra(number, {}) if number <= options["fra_rounds"] else ffa(number, {})


def flora(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Stack the replies, fold them into the base, begin again (FLoRA, arXiv:2409.05976).

    What sites then add to their base is the stack in no more rank than it needs; the paper has all
    sites add the stack itself, round by round.
    """

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, like=joint.adapter)
        folded = {}
        for name in cohort.modules:
            mean = Product(*cohort.product(name))
            folded[name] = _added(joint.folded.get(name), mean, mean.norm())
        return Joint(_begun_again(joint.adapter), finished(folded))

    return Phase(combine)


def fedex(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Average A and B apart, fold what that misses into the base: exact (arXiv:2410.09432).

    With the option ``residual_rank`` the residual of a round is cut to that rank, and no longer
    exact.  The paper weighs all sites alike; here weights count.
    """
    rank = int(options["residual_rank"])

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, one_rank=True, like=joint.adapter)
        means, folded = mean_factors(cohort), {}
        for name, one in means.items():
            mean = Product(*cohort.product(name))
            missing = mean.plus(Product.of(one), times=-1.0)
            cut = missing.cut(rank) if rank else missing
            folded[name] = _added(joint.folded.get(name), cut, mean.norm())
        return Joint(means, finished(folded))

    return Phase(combine)


def svd_residual(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Keep the best product of the rank, fold the rest into the base (arXiv:2603.08014).

    As FedMomentum does; ``energy`` is the share of the squared singular values that is kept, all
    unless it is set.  The paper's SVD is randomised, and halves the singular values between A and
    B; here it is the exact one, and A stays near to the last (see ``compress``).
    """
    energy = options["energy"]

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, like=joint.adapter)
        kept, folded = {}, {}
        for name, one in joint.adapter.items():
            mean = Product(*cohort.product(name))
            kept[name] = mean.factors(one.rank, one.scaling, towards=one.a)
            rest = mean.plus(Product.of(kept[name]), times=-1.0)
            rest = _energetic(rest, mean.norm() ** 2, energy) if energy < 1 else rest
            folded[name] = _added(joint.folded.get(name), rest, mean.norm())
        return Joint(finished(kept), finished(folded))

    return Phase(combine)


def flora_na(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Fit both factors to the mean product, from their means on (FLoRA-NA, arXiv:2509.26399).

    The paper asks for the factors whose product is nearest to the mean one.  The way to them is
    ours, alternating least squares: each step is the closed form for one factor under the other,
    and never makes the product worse.
    """
    steps = int(options["steps"])

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        cohort = Cohort.of(replies, weights, one_rank=True, like=joint.adapter)
        return Joint(finished({name: _fitted(cohort, name, steps) for name in cohort.modules}))

    return Phase(combine)


def fed_sb(number: int, options: Options) -> Phase:
    """Train only a small core between two fixed bases (Fed-SB, arXiv:2502.15436).

    The bases are those of the mean product of the first round, which is averaged at full rank:
    the first step of all sites together.  From then on b = Q R with A and Q fixed, and R, of shape
    (rank, rank), is all that travels up; its mean is exact.
    """
    if number == 1:
        return fra(number, options)
    only = frozenset({Part.CORE})
    return Phase(under_frozen_a, trains=only, shares=only)


def _cut(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
    cohort = Cohort.of(replies, weights, like=joint.adapter)
    kept = {}
    for name, one in joint.adapter.items():
        # Towards what all began with, never towards what they sent: replies whose factors are
        # turned would shorten the mean of A round by round, whatever their products are.
        kept[name] = Product(*cohort.product(name)).factors(one.rank, one.scaling, towards=one.a)
    return Joint(finished(kept))


def _added(folded: Factors | None, more: Product, size: float) -> Factors:
    """Return both together in no more rank than that takes.

    Args:
        folded: What is folded already.
        more: What comes to it.
        size: Norm of the update that ``more`` is a part of: it may be rounding altogether.
    """
    both = more if folded is None else Product.of(folded).plus(more)
    values = both.values()
    least = _NEGLIGIBLE * max(size, float(values[0]))
    return both.factors(max(1, int((values > least).sum())), 1.0, towards=both.a)


def _energetic(rest: Product, total: float, energy: float) -> Product:
    """Cut ``rest`` to as little rank as keeps ``energy`` of the ``total`` it is a part of."""
    values = rest.values().square()
    left = values.sum() - torch.cumsum(values, 0)
    return rest.cut(1 + int((left > (1 - energy) * total).sum()))


def _begun_again(adapter: Adapter) -> dict[str, Factors]:
    """Return an adapter that changes nothing yet, with an A that no round before it had."""
    seed = int(checksum(adapter)[:12], 16)
    return {
        name: initial_adapter({name: one.shape}, rank=one.rank, scaling=one.scaling, seed=seed)[
            name
        ]
        for name, one in adapter.items()
    }


def _fitted(cohort: Cohort, name: str, steps: int) -> Factors:
    first = next(iter(cohort.modules[name].values()))
    stacked_a, stacked_b = cohort.product(name)
    a = mean_rows(cohort, name, first.rank)
    b = cohort.mean(name, lambda one: one.b) * first.scaling
    for _ in range(steps):
        b = _solved(a @ a.T, stacked_a @ a.T, stacked_b) if a.any() else b
        a = _solved(b.T @ b, stacked_b.T @ b, stacked_a.T).T if b.any() else a
    return Factors(a.float(), (b / first.scaling).float(), first.scaling)


def _solved(gram: torch.Tensor, cross: torch.Tensor, stacked: torch.Tensor) -> torch.Tensor:
    """Return the X that brings X @ factor nearest to the product, by its normal equations."""
    found: torch.Tensor = torch.linalg.lstsq(gram, cross.T @ stacked.T, driver="gelsd").solution.T
    return found

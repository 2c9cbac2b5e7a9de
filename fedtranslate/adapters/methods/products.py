"""Methods that average products: exact, or the best that the rank allows."""

from collections.abc import Sequence

import torch

from fedtranslate.adapters.combine import (
    Cohort,
    finished,
    full_rank,
    mean_product,
    mean_rows,
    summed,
)
from fedtranslate.adapters.compress import refactor, singular_values
from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.averages import fedit, ffa, under_frozen_a
from fedtranslate.adapters.methods.method import Joint, Options, Part, Phase

_NEGLIGIBLE = 1e-7
"""Singular values below this share of the largest are rounding."""


def fra(number: int, options: Options) -> Phase:  # noqa: ARG001 - of a Method
    """Average at full rank, cut by SVD (FRA-LoRA, arXiv:2501.06332; FlexLoRA, arXiv:2402.11505)."""
    return Phase(lambda replies, weights, joint: Joint(_cut(replies, weights, joint)))


def fra_then_ffa(number: int, options: Options) -> Phase:
    """Average at full rank while much is learned, then freeze A (arXiv:2501.06332)."""
    return fra(number, {}) if number <= options["fra_rounds"] else ffa(number, {})


def flora(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Stack the replies, fold them into the base, begin again (FLoRA, arXiv:2409.05976)."""

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        return Joint(
            _begun_again(joint.adapter), _added(joint.folded, mean_product(replies, weights))
        )

    return Phase(combine)


def fedex(number: int, options: Options) -> Phase:
    """Average A and B apart, fold what that misses into the base: exact (arXiv:2410.09432).

    With the option ``residual_rank`` the residual is cut to that rank, and no longer exact.
    """
    average = fedit(number, {}).combine
    rank = int(options["residual_rank"])

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        mean = average(replies, weights, joint).adapter
        missing = summed([(mean_product(replies, weights), 1.0), (mean, -1.0)])
        return Joint(mean, _added(joint.folded, _trimmed(missing, rank)))

    return Phase(combine)


def svd_residual(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Keep the best product of the rank, fold the rest into the base (arXiv:2603.08014).

    As FedMomentum does; ``energy`` is the share of the squared singular values that is kept.
    """
    energy = options["energy"]

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:
        kept = _cut(replies, weights, joint)
        whole = mean_product(replies, weights)
        missing = summed([(whole, 1.0), (kept, -1.0)])
        return Joint(kept, _added(joint.folded, _energetic(missing, whole, energy)))

    return Phase(combine)


def flora_na(number: int, options: Options) -> Phase:  # noqa: ARG001
    """Fit both factors to the mean product, from their means on (FLoRA-NA, arXiv:2509.26399).

    By alternating least squares: each step is the closed form for one factor under the other, and
    never makes the product worse.
    """
    steps = int(options["steps"])

    def combine(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> Joint:  # noqa: ARG001
        cohort = Cohort.of(replies, weights, one_rank=True, may_lack=True)
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


def _cut(replies: Sequence[Adapter], weights: Sequence[float], joint: Joint) -> dict[str, Factors]:
    first = next(iter(joint.adapter.values()))
    return full_rank(replies, weights, first.rank, first.scaling)


def _added(folded: Adapter, more: Adapter) -> dict[str, Factors]:
    """Return both together, without what is rounding only."""
    both = summed([(folded, 1.0), (more, 1.0)]) if folded else more
    return _trimmed(both, 0)


def _trimmed(adapter: Adapter, rank: int) -> dict[str, Factors]:
    """Return the same update in no more rank than it has, and than ``rank`` if that is not 0."""
    trimmed = {}
    for name, one in adapter.items():
        values = singular_values(one.a, one.b * one.scaling)
        needed = int((values > _NEGLIGIBLE * values.max()).sum()) if len(values) else 0
        needed = max(1, min(needed, rank) if rank else needed)
        trimmed[name] = refactor(
            one.a, one.b * one.scaling, rank=needed, scaling=1.0, towards=one.a
        )
    return trimmed


def _energetic(missing: Adapter, whole: Adapter, energy: float) -> dict[str, Factors]:
    """Cut ``missing`` to as little rank as keeps ``energy`` of the ``whole``."""
    cut = {}
    for name, one in missing.items():
        values = singular_values(one.a, one.b * one.scaling).square()
        total = singular_values(whole[name].a, whole[name].b * whole[name].scaling).square().sum()
        left = values.sum() - torch.cumsum(values, 0)
        needed = 1 + int((left > (1 - energy) * total).sum())
        cut[name] = refactor(one.a, one.b * one.scaling, rank=needed, scaling=1.0, towards=one.a)
    return cut


def _begun_again(adapter: Adapter) -> dict[str, Factors]:
    """Return an adapter that changes nothing yet, with an A that no round before it had."""
    first = next(iter(adapter.values()))
    shapes = {name: one.shape for name, one in adapter.items()}
    seed = int(checksum(adapter)[:12], 16)
    return initial_adapter(shapes, rank=first.rank, scaling=first.scaling, seed=seed)


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

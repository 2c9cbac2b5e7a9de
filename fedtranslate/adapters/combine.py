"""Combine the adapters of many sites into one: the arithmetic that methods share.

Every function here is pure: tensors in, new tensors out; no argument is changed, nothing is
logged, no random state is read.  Sums run in double precision, results are float32.  The
notation is that of ``factors``; site k has the share p_k = weights[k] / sum(weights).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.cohort import Cohort, scaled
from fedtranslate.adapters.compress import refactor
from fedtranslate.adapters.factors import Adapter, Factors, is_finite
from fedtranslate.errors import AggregationError


def average_factors(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Average A and B apart; cheap, but not the mean of the updates.

    mean(B) @ mean(A) has terms B_i A_j that no site trained; the error is the weighted
    covariance of B and A.

    Args:
        adapters: One per site, at least one; finite, of the same shapes, ranks and scalings.  A
            module that some lack is averaged over those that have it.
        weights: One per adapter, finite and >= 0, not all 0; only their ratios count.  An adapter
            without weight is not looked at.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FedIT, Zhang et al. 2023, arXiv:2305.05644.
    """
    return mean_factors(Cohort.of(adapters, weights, one_rank=True, may_lack=True))


def mean_factors(cohort: Cohort) -> dict[str, Factors]:
    """Return the means of A and of B over a cohort of one rank."""
    joint = {}
    for name, known in cohort.modules.items():
        a, b = cohort.means(name, lambda one: one.a, lambda one: one.b)
        joint[name] = Factors(a.float(), b.float(), next(iter(known.values())).scaling)
    return finished(joint)


def average_b(
    adapters: Sequence[Adapter], weights: Sequence[float], *, like: Adapter | None = None
) -> dict[str, Factors]:
    """Average B under an A that all sites share and leave frozen: exact.

    Args:
        adapters: As for ``average_factors``, with equal A.
        weights: As for ``average_factors``.
        like: Whose A that is; if not given, all must have that of the first.

    Raises:
        AggregationError: As for ``average_factors``, or a site changed A.

    Reference:
        FFA-LoRA, Sun et al. 2024, arXiv:2403.12313.
    """
    return _average_one(adapters, weights, like, frozen="a")


def average_a(
    adapters: Sequence[Adapter], weights: Sequence[float], *, like: Adapter | None = None
) -> dict[str, Factors]:
    """Average A under a B that all sites share and leave frozen: exact.

    Args:
        adapters: As for ``average_factors``, with equal B.
        weights: As for ``average_factors``.
        like: Whose B that is; if not given, all must have that of the first.

    Raises:
        AggregationError: As for ``average_factors``, or a site changed B.

    Reference:
        RoLoRA, Chen et al. 2024, arXiv:2409.02346.
    """
    return _average_one(adapters, weights, like, frozen="b")


def _average_one(
    adapters: Sequence[Adapter], weights: Sequence[float], like: Adapter | None, *, frozen: str
) -> dict[str, Factors]:
    cohort = Cohort.of(adapters, weights, one_rank=True, like=like)
    moved = "b" if frozen == "a" else "a"
    joint = {}
    for name, known in cohort.modules.items():
        first = adapters[next(iter(known))][name]
        kept = getattr(first if like is None else like[name], frozen).detach().float().clone()

        def checked(one: Factors, name: str = name, kept: Tensor = kept) -> Tensor:
            if not torch.equal(getattr(one, frozen), kept):
                what = "has its own" if like is None else "changed the frozen"
                raise AggregationError(
                    f"An adapter {what} {frozen.upper()} of {name}, "
                    f"but this method averages under one frozen {frozen.upper()}."
                )
            part: Tensor = getattr(one, moved)
            return part

        parts = {frozen: kept, moved: cohort.mean(name, checked).float()}
        joint[name] = Factors(parts["a"], parts["b"], first.scaling)
    return finished(joint)


def stack(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Join adapters into one whose update is exactly the weighted mean of theirs.

    [p_1 s_1 B_1 | ... | p_K s_K B_K] @ [A_1; ...; A_K]  =  sum_k p_k s_k B_k A_k.

    The price is rank: it grows to sum_k rank_k.

    Args:
        adapters: One per site, at least one; finite, of the same modules and the same
            (out, in).  Ranks and scalings may differ.
        weights: As for ``average_factors``.

    Returns:
        For each module, a of shape (sum rank_k, in), b of shape (out, sum rank_k), scaling 1.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FLoRA, Wang et al. 2024, arXiv:2409.05976.
    """
    total = math.fsum(weights)
    counted = Cohort.of(adapters, weights)
    members = [
        (one, weight / total)
        for one, weight in zip(counted.adapters, counted.weights, strict=True)
        if weight
    ]
    return summed(members)


def summed(members: Sequence[tuple[Adapter, float]]) -> dict[str, Factors]:
    """Return the sum of multiples of adapters, exactly, as a stack of their factors.

    Args:
        members: Adapters of the same modules and shapes, each with the number it is taken times.

    Raises:
        AggregationError: The sum is beyond the range of float32.
    """
    total = {}
    for name in members[0][0]:
        found = [(adapter[name], times) for adapter, times in members]
        a = torch.cat([one.a.detach().float() for one, _ in found])
        b = torch.cat([scaled(one, times) for one, times in found], dim=1).float()
        total[name] = Factors(a, b)
    return finished(total)


def full_rank(
    adapters: Sequence[Adapter],
    weights: Sequence[float],
    rank: int,
    scaling: float | None = None,
) -> dict[str, Factors]:
    """Average the updates at full rank, then keep the best approximation of ``rank``.

    No other adapter of that rank is nearer to the weighted mean of the updates.  How the
    result is split into A and B is told in ``compress``.

    Args:
        adapters: As for ``stack``; a module that some lack is averaged over those that have it.
        weights: As for ``average_factors``.
        rank: Rank of the result, at least 1.
        scaling: Scaling of the result; None takes the adapters' own, which must then agree.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FRA-LoRA, Trautmann et al. 2024, arXiv:2501.06332; FlexLoRA, Bai et al. 2024,
        arXiv:2402.11505.  The way through the small core: FLoRIST, arXiv:2506.09199.
    """
    cohort = Cohort.of(adapters, weights, may_lack=True)
    if rank < 1:
        raise AggregationError(f"The joint adapter cannot have rank {rank}; it must be at least 1.")
    joint = {}
    for name in cohort.modules:
        a, b = cohort.product(name)
        joint[name] = refactor(
            a,
            b,
            rank=rank,
            scaling=_common_scaling(cohort, name) if scaling is None else scaling,
            towards=mean_rows(cohort, name, rank),
        )
    return finished(joint)


def mean_rows(cohort: Cohort, name: str, rank: int) -> Tensor:
    """Average matrices A of several heights row by row; missing rows count as zero."""

    def fitted(one: Factors) -> Tensor:
        rows = torch.zeros(rank, one.a.shape[1], dtype=torch.float64)
        rows[: min(rank, one.rank)] = one.a[:rank].detach().double()
        return rows

    return cohort.mean(name, fitted)


def finished(joint: dict[str, Factors]) -> dict[str, Factors]:
    """Return ``joint`` if all its numbers are finite.

    Raises:
        AggregationError: They are not.
    """
    if not is_finite(joint):
        raise AggregationError("The joint adapter is beyond the range of float32.")
    return joint


def _common_scaling(cohort: Cohort, name: str) -> float:
    scalings = {one.scaling for one in cohort.modules[name].values()}
    if len(scalings) > 1:
        raise AggregationError(
            f"The adapters scale {name} by {sorted(scalings)}.",
            hint="Say which scaling the joint adapter shall have.",
        )
    return scalings.pop()

"""Combine the adapters of many sites into one.

Every function here is pure: tensors in, new tensors out; no argument is changed, nothing is
logged, no random state is read.  Sums run in double precision, results are float32.  The
notation is that of ``factors``; site k has the share p_k = weights[k] / sum(weights).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.compress import refactor
from fedtranslate.adapters.factors import Adapter, Factors, is_finite
from fedtranslate.errors import AggregationError


def average_factors(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Average A and B apart; cheap, but not the mean of the updates.

    mean(B) @ mean(A) has terms B_i A_j that no site trained; the error is the weighted
    covariance of B and A.

    Args:
        adapters: One per site, at least one; finite, of the same modules, shapes, ranks and
            scalings.
        weights: One per adapter, finite and >= 0, not all 0; only their ratios count.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FedIT, Zhang et al. 2023, arXiv:2305.05644.
    """
    shares = _checked(adapters, weights, one_shape=True)
    return _finished(
        {
            name: Factors(
                a=_mean([adapter[name].a for adapter in adapters], shares),
                b=_mean([adapter[name].b for adapter in adapters], shares),
                scaling=first.scaling,
            )
            for name, first in adapters[0].items()
        }
    )


def average_b(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Average B under an A that all sites share and leave frozen: exact.

    Args:
        adapters: As for ``average_factors``, with equal A.
        weights: As for ``average_factors``.

    Raises:
        AggregationError: As for ``average_factors``, or a site changed A.

    Reference:
        FFA-LoRA, Sun et al. 2024, arXiv:2403.12313.
    """
    shares = _checked(adapters, weights, one_shape=True)
    for name, first in adapters[0].items():
        for number, adapter in enumerate(adapters):
            if not torch.equal(adapter[name].a, first.a):
                raise AggregationError(
                    f"Adapter {number} has its own A for {name}, "
                    "but this method averages B under one frozen A."
                )
    return _finished(
        {
            name: Factors(
                a=first.a.detach().float().clone(),
                b=_mean([adapter[name].b for adapter in adapters], shares),
                scaling=first.scaling,
            )
            for name, first in adapters[0].items()
        }
    )


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
    shares = _checked(adapters, weights)
    joint = {}
    for name in adapters[0]:
        a, b = _stacked(adapters, shares, name)
        joint[name] = Factors(a.float(), b.float())
    return _finished(joint)


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
        adapters: As for ``stack``.
        weights: As for ``average_factors``.
        rank: Rank of the result, at least 1.
        scaling: Scaling of the result; None takes the adapters' own, which must then agree.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FRA-LoRA, Trautmann et al. 2024, arXiv:2501.06332; FlexLoRA, Bai et al. 2024,
        arXiv:2402.11505.  The way through the small core: FLoRIST, arXiv:2506.09199.
    """
    shares = _checked(adapters, weights)
    if rank < 1:
        raise AggregationError(f"The joint adapter cannot have rank {rank}; it must be at least 1.")
    joint = {}
    for name in adapters[0]:
        a, b = _stacked(adapters, shares, name)
        joint[name] = refactor(
            a,
            b,
            rank=rank,
            scaling=_common_scaling(adapters, name) if scaling is None else scaling,
            towards=_mean_rows([adapter[name].a for adapter in adapters], shares, rank),
        )
    return _finished(joint)


def _stacked(
    adapters: Sequence[Adapter], shares: Sequence[float], name: str
) -> tuple[Tensor, Tensor]:
    rows = [adapter[name].a.detach().double() for adapter in adapters]
    columns = [
        adapter[name].b.detach().double() * (share * adapter[name].scaling)
        for adapter, share in zip(adapters, shares, strict=True)
    ]
    return torch.cat(rows, dim=0), torch.cat(columns, dim=1)


def _mean(tensors: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    total = torch.zeros_like(tensors[0], dtype=torch.float64, requires_grad=False)
    for tensor, share in zip(tensors, shares, strict=True):
        total += share * tensor.detach().double()
    return total.float()


def _mean_rows(tensors: Sequence[Tensor], shares: Sequence[float], rank: int) -> Tensor:
    """Average matrices of several heights row by row; missing rows count as zero."""
    total = torch.zeros(rank, tensors[0].shape[1], dtype=torch.float64)
    for tensor, share in zip(tensors, shares, strict=True):
        height = min(rank, tensor.shape[0])
        total[:height] += share * tensor[:height].detach().double()
    return total


def _common_scaling(adapters: Sequence[Adapter], name: str) -> float:
    scalings = {adapter[name].scaling for adapter in adapters}
    if len(scalings) > 1:
        raise AggregationError(
            f"The adapters scale {name} by {sorted(scalings)}.",
            hint="Say which scaling the joint adapter shall have.",
        )
    return scalings.pop()


def _checked(
    adapters: Sequence[Adapter], weights: Sequence[float], *, one_shape: bool = False
) -> list[float]:
    """Return the shares of the sites, or refuse; ``one_shape`` asks for equal ranks too."""
    if not adapters or len(adapters) != len(weights):
        raise AggregationError(f"{len(adapters)} adapters cannot have {len(weights)} weights.")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or not any(weights):
        raise AggregationError(
            f"The weights {list(weights)} must be finite, at least 0, and not all 0."
        )
    for number, adapter in enumerate(adapters):
        if adapter.keys() != adapters[0].keys():
            odd = sorted(adapter.keys() ^ adapters[0].keys())
            raise AggregationError(f"Adapters 0 and {number} differ in their modules: {odd[:3]}.")
        if not is_finite(adapter):
            raise AggregationError(f"Adapter {number} holds NaN or infinity.")
        for name, factors in adapter.items():
            _check_shape(number, name, factors, adapters[0][name], one_shape=one_shape)
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _check_shape(
    number: int, name: str, factors: Factors, first: Factors, *, one_shape: bool
) -> None:
    if factors.a.ndim != 2 or factors.b.ndim != 2 or factors.b.shape[1] != factors.rank:
        raise AggregationError(
            f"Adapter {number} has factors for {name} that cannot be multiplied: "
            f"{tuple(factors.b.shape)} by {tuple(factors.a.shape)}."
        )
    if factors.shape != first.shape:
        raise AggregationError(
            f"Adapter {number} updates {name} as {factors.shape}, adapter 0 as {first.shape}."
        )
    if one_shape and (factors.rank, factors.scaling) != (first.rank, first.scaling):
        raise AggregationError(
            f"Adapter {number} has rank {factors.rank} and scaling {factors.scaling} at {name}, "
            f"adapter 0 {first.rank} and {first.scaling}; this method needs them equal.",
            hint="The methods fra and flora join mixed ranks.",
        )


def _finished(joint: dict[str, Factors]) -> dict[str, Factors]:
    if not is_finite(joint):
        raise AggregationError("The joint adapter is beyond the range of float32.")
    return joint

"""Combine the adapters of many sites into one: the arithmetic that methods share.

Every function here is pure: tensors in, new tensors out; no argument is changed, nothing is
logged, no random state is read.  Sums run in double precision, results are float32.  The
notation is that of ``factors``; site k has the share p_k = weights[k] / sum(weights).

Adapters that wait on disk are read one module at a time, and one site at a time: memory does not
grow with the number of sites, and time grows in proportion to it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.adapters.compress import refactor
from fedtranslate.adapters.factors import Adapter, Factors, is_finite
from fedtranslate.errors import AggregationError

_BLOCK_RANK = 128
"""How much rank of sites is in memory together where their sum is a dense matrix."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The shape of one module in one adapter."""

    shape: tuple[int, int]
    rank: int
    scaling: float


@dataclass(frozen=True, slots=True)
class Cohort:
    """The adapters of one round, checked.

    Raises:
        AggregationError: By ``of``; see there.
    """

    adapters: Sequence[Adapter]
    weights: Sequence[float]
    modules: Mapping[str, Mapping[int, Likeness]]
    """By module, which adapters have it, by their place, and in which shape; those without weight
    are left out."""

    @classmethod
    def of(
        cls,
        adapters: Sequence[Adapter],
        weights: Sequence[float],
        *,
        one_rank: bool = False,
        may_lack: bool = False,
    ) -> "Cohort":
        """Return the checked adapters.

        Args:
            adapters: One per site, at least one.
            weights: One per adapter; only their ratios count.
            one_rank: Ask for equal ranks and scalings.
            may_lack: Let adapters lack modules; a module counts for those that have it.

        Raises:
            AggregationError: Numbers are not finite, weights are negative or all zero, shapes do
                not fit, or adapters differ in what they must have in common.
        """
        if not adapters or len(adapters) != len(weights):
            raise AggregationError(f"{len(adapters)} adapters cannot have {len(weights)} weights.")
        if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or not any(weights):
            raise AggregationError(
                f"The weights {list(weights)} must be finite, at least 0, and not all 0."
            )
        modules: dict[str, dict[int, Likeness]] = {}
        for number, adapter in enumerate(adapters):
            for name, factors in adapter.items():
                known = modules.setdefault(name, {})
                first = next(iter(known.values()), None)
                known[number] = _likeness(number, name, factors, first, one_rank=one_rank)
        counted = {number for number, weight in enumerate(weights) if weight}
        kept = {
            name: {number: one for number, one in known.items() if number in counted}
            for name, known in modules.items()
            if counted & known.keys()
        }
        lacking = [name for name, known in kept.items() if known.keys() != counted]
        if lacking and not may_lack:
            raise AggregationError(f"The adapters differ in their modules: {sorted(lacking)[:3]}.")
        return cls(adapters, weights, kept)

    def members(self, name: str) -> Iterator[tuple[Factors, float]]:
        """Yield the factors of a module, one adapter after another, each with its share."""
        known = self.modules[name]
        total = math.fsum(self.weights[number] for number in known)
        for number in known:
            yield self.adapters[number][name], self.weights[number] / total

    def mean(self, name: str, part: Callable[[Factors], Tensor]) -> Tensor:
        """Return the weighted mean of one part of a module's factors, in float64."""
        total: Tensor | None = None
        for factors, share in self.members(name):
            addend = share * part(factors).detach().double()
            total = addend if total is None else total.add_(addend)
        assert total is not None  # noqa: S101 - a cohort has members
        return total

    def product(self, name: str) -> tuple[Tensor, Tensor]:
        """Return a (n, in) and b (out, n) in float64 whose product is the mean of the updates.

        They are the stacks of the factors; where these would be larger than the matrix itself,
        they are the matrix and an identity.
        """
        known = self.modules[name]
        rows, columns = next(iter(known.values())).shape
        ranks = sum(one.rank for one in known.values())
        if ranks > min(rows, columns):
            return _as_factors(self._dense(name, rows, columns))
        stacks = [(f.a.detach().double(), _scaled(f, share)) for f, share in self.members(name)]
        return torch.cat([a for a, _ in stacks]), torch.cat([b for _, b in stacks], dim=1)

    def _dense(self, name: str, rows: int, columns: int) -> Tensor:
        total = torch.zeros(rows, columns, dtype=torch.float64)
        # Several sites at a time: adding to the matrix costs far more than reading a site.
        for block in self._blocks(name):
            a = torch.cat([one.a.detach().double() for one, _ in block])
            total.addmm_(torch.cat([_scaled(one, share) for one, share in block], dim=1), a)
        return total

    def _blocks(self, name: str) -> Iterator[list[tuple[Factors, float]]]:
        """Yield the members of a module, as many together as have ``_BLOCK_RANK`` or one more."""
        block: list[tuple[Factors, float]] = []
        for factors, share in self.members(name):
            block.append((factors, share))
            if sum(one.rank for one, _ in block) >= _BLOCK_RANK:
                yield block
                block = []
        if block:
            yield block


def average_factors(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Average A and B apart; cheap, but not the mean of the updates.

    mean(B) @ mean(A) has terms B_i A_j that no site trained; the error is the weighted
    covariance of B and A.

    Args:
        adapters: One per site, at least one; finite, of the same shapes, ranks and scalings.  A
            module that some lack is averaged over those that have it.
        weights: One per adapter, finite and >= 0, not all 0; only their ratios count.

    Raises:
        AggregationError: The arguments break one of the conditions above.

    Reference:
        FedIT, Zhang et al. 2023, arXiv:2305.05644.
    """
    cohort = Cohort.of(adapters, weights, one_rank=True, may_lack=True)
    return finished(
        {
            name: Factors(
                a=cohort.mean(name, lambda one: one.a).float(),
                b=cohort.mean(name, lambda one: one.b).float(),
                scaling=next(iter(known.values())).scaling,
            )
            for name, known in cohort.modules.items()
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
    return _average_one(adapters, weights, frozen="a")


def average_a(adapters: Sequence[Adapter], weights: Sequence[float]) -> dict[str, Factors]:
    """Average A under a B that all sites share and leave frozen: exact.

    Args:
        adapters: As for ``average_factors``, with equal B.
        weights: As for ``average_factors``.

    Raises:
        AggregationError: As for ``average_factors``, or a site changed B.

    Reference:
        RoLoRA, Chen et al. 2024, arXiv:2409.02346.
    """
    return _average_one(adapters, weights, frozen="b")


def _average_one(
    adapters: Sequence[Adapter], weights: Sequence[float], *, frozen: str
) -> dict[str, Factors]:
    cohort = Cohort.of(adapters, weights, one_rank=True)
    joint = {}
    for name, known in cohort.modules.items():
        first = adapters[min(known)][name]
        kept = getattr(first, frozen).detach().float().clone()
        for number in known:
            if not torch.equal(getattr(adapters[number][name], frozen), kept):
                raise AggregationError(
                    f"Adapter {number} has its own {frozen.upper()} for {name}, "
                    f"but this method averages under one frozen {frozen.upper()}."
                )
        moved = "b" if frozen == "a" else "a"
        mean = cohort.mean(name, lambda one, moved=moved: getattr(one, moved)).float()  # type: ignore[misc]
        parts = {frozen: kept, moved: mean}
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
        b = torch.cat([_scaled(one, times) for one, times in found], dim=1).float()
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


def _scaled(factors: Factors, share: float) -> Tensor:
    return factors.b.detach().double() * (share * factors.scaling)


def _as_factors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = matrix.shape
    if columns <= rows:
        return torch.eye(columns, dtype=torch.float64), matrix
    return matrix, torch.eye(rows, dtype=torch.float64)


def _common_scaling(cohort: Cohort, name: str) -> float:
    scalings = {one.scaling for one in cohort.modules[name].values()}
    if len(scalings) > 1:
        raise AggregationError(
            f"The adapters scale {name} by {sorted(scalings)}.",
            hint="Say which scaling the joint adapter shall have.",
        )
    return scalings.pop()


def _likeness(
    number: int, name: str, factors: Factors, first: Likeness | None, *, one_rank: bool
) -> Likeness:
    if factors.a.ndim != 2 or factors.b.ndim != 2 or factors.b.shape[1] != factors.rank:
        raise AggregationError(
            f"Adapter {number} has factors for {name} that cannot be multiplied: "
            f"{tuple(factors.b.shape)} by {tuple(factors.a.shape)}."
        )
    if not is_finite({name: factors}):
        raise AggregationError(f"Adapter {number} holds NaN or infinity.")
    found = Likeness(factors.shape, factors.rank, factors.scaling)
    if first is not None and found.shape != first.shape:
        raise AggregationError(
            f"Adapter {number} updates {name} as {found.shape}, another as {first.shape}."
        )
    alike = first is None or (found.rank, found.scaling) == (first.rank, first.scaling)
    if one_rank and not alike and first is not None:
        raise AggregationError(
            f"Adapter {number} has rank {found.rank} and scaling {found.scaling} at {name}, "
            f"another {first.rank} and {first.scaling}; this method needs them equal.",
            hint="The methods flexlora, flora, hetlora and rbla join mixed ranks.",
        )
    return found

"""The adapters of one round, checked against each other, and the sums over them.

Adapters that wait on disk are read one module at a time, and one site at a time.  What is held for
a module is never more than two matrices of its size, whatever the number of sites, and time grows
in proportion to that number.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors, is_finite
from fedtranslate.errors import AggregationError


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
        like: Adapter | None = None,
    ) -> "Cohort":
        """Return the checked adapters.

        Args:
            adapters: One per site, at least one.
            weights: One per adapter; only their ratios count.  An adapter without weight is not
                looked at.
            one_rank: Ask for equal ranks and scalings.
            may_lack: Let adapters lack modules; a module counts for those that have it.
            like: What they were trained from: of the same modules and shapes, with ``one_rank`` of
                the same ranks.

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
        counted = {number for number, weight in enumerate(weights) if weight}
        for number in sorted(counted):
            for name, factors in adapters[number].items():
                known = modules.setdefault(name, {})
                first = next(iter(known.values()), None)
                known[number] = _likeness(number, name, factors, first, one_rank=one_rank)
        lacking = [name for name, known in modules.items() if known.keys() != counted]
        if lacking and not may_lack:
            raise AggregationError(f"The adapters differ in their modules: {sorted(lacking)[:3]}.")
        if like is not None:
            _check_like(modules, like, one_rank=one_rank)
        return cls(adapters, weights, modules)

    def seen_as(self, adapters: Sequence[Adapter]) -> "Cohort":
        """Return this cohort with other adapters of the same shapes, such as views of these."""
        return replace(self, adapters=adapters)

    def members(self, name: str) -> Iterator[tuple[Factors, float]]:
        """Yield the factors of a module, one adapter after another, each with its share."""
        known = self.modules[name]
        total = math.fsum(self.weights[number] for number in known)
        for number in known:
            yield self.adapters[number][name], self.weights[number] / total

    def means(self, name: str, *parts: Callable[[Factors], Tensor]) -> list[Tensor]:
        """Return the weighted means of several parts of a module's factors, in float64."""
        totals: list[Tensor] = []
        for factors, share in self.members(name):
            addends = [share * part(factors).detach().double() for part in parts]
            if totals:
                for total, addend in zip(totals, addends, strict=True):
                    total += addend
            else:
                totals = addends
        return totals

    def mean(self, name: str, part: Callable[[Factors], Tensor]) -> Tensor:
        """Return the weighted mean of one part of a module's factors, in float64."""
        return self.means(name, part)[0]

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
        a = torch.empty(ranks, columns, dtype=torch.float64)
        b = torch.empty(rows, ranks, dtype=torch.float64)
        start = 0
        for factors, share in self.members(name):
            end = start + factors.rank
            a[start:end] = factors.a.detach()
            b[:, start:end] = scaled(factors, share)
            start = end
        return a, b

    def _dense(self, name: str, rows: int, columns: int) -> Tensor:
        total = torch.zeros(rows, columns, dtype=torch.float64)
        for factors, share in self.members(name):
            total.addmm_(scaled(factors, share), factors.a.detach().double())
        return total


def scaled(factors: Factors, share: float) -> Tensor:
    """Return share s B in float64."""
    return factors.b.detach().double() * (share * factors.scaling)


def _as_factors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = matrix.shape
    if columns <= rows:
        return torch.eye(columns, dtype=torch.float64), matrix
    return matrix, torch.eye(rows, dtype=torch.float64)


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
            hint=_MIXED,
        )
    return found


def _check_like(
    modules: Mapping[str, Mapping[int, Likeness]], like: Adapter, *, one_rank: bool
) -> None:
    if odd := modules.keys() ^ like.keys():
        raise AggregationError(
            f"The adapters differ from the joint one in their modules: {sorted(odd)[:3]}."
        )
    for name, known in modules.items():
        wanted, found = like[name], next(iter(known.values()))
        if found.shape != wanted.shape:
            raise AggregationError(
                f"The adapters update {name} as {found.shape}, the joint one as {wanted.shape}."
            )
        if one_rank and found.rank != wanted.rank:
            raise AggregationError(
                f"The adapters have rank {found.rank} at {name}, the joint one {wanted.rank}; "
                "this method needs them equal.",
                hint=_MIXED,
            )


_MIXED = "The methods flexlora, flora, hetlora and rbla join mixed ranks."

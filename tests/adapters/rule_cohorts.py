"""Cohorts of replies near one adapter, and what a rule makes of them as dense values."""

import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.robust.rules import RULES, Outcome

MODULES = {"k": (9, 7), "q": (8, 12)}
ALL = pytest.mark.parametrize("name", sorted(RULES))
FEW = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 2**32)


def start_of(seed: int, rank: int = 3) -> dict[str, Factors]:
    rng = torch.Generator().manual_seed(seed)
    return {
        n: Factors(torch.randn(rank, i, generator=rng), torch.randn(o, rank, generator=rng), 0.5)
        for n, (o, i) in MODULES.items()
    }


def near(start: Adapter, seed: int, step: float = 0.2, *, moves_a: bool = True) -> Adapter:
    rng = torch.Generator().manual_seed(seed)
    return {
        n: Factors(
            f.a + (step * torch.randn(f.a.shape, generator=rng) if moves_a else 0),
            f.b + step * torch.randn(f.b.shape, generator=rng),
            f.scaling,
        )
        for n, f in start.items()
    }


def cohort(seed: int, count: int = 11, *, moves_a: bool = True) -> tuple[Adapter, list[Adapter]]:
    start = start_of(seed)
    return start, [near(start, seed + 1 + k, moves_a=moves_a) for k in range(count)]


def dense(adapter: Adapter) -> Tensor:
    parts = [f.scaling * (f.b.double() @ f.a.double()) for _, f in sorted(adapter.items())]
    return torch.cat([part.flatten() for part in parts])


def mean(outcome: Outcome) -> Tensor:
    """What a method that is exact makes of an outcome."""
    total = sum(w * dense(a) for a, w in zip(outcome.replies, outcome.weights, strict=True))
    assert isinstance(total, Tensor)
    return total / sum(outcome.weights)


def is_close(found: Tensor, wanted: Tensor) -> bool:
    return bool((found - wanted).norm() <= 1e-5 * (1 + wanted.norm()))

"""Turn the factors of an adapter so that they lie as near as they can to those before.

B A is the same as (B R)(R^T A) for any orthogonal R.  Methods that factorise anew, as by an SVD,
choose R by accident, so factors that stand for nearly the same update differ as if they had nothing
in common: the difference would be as heavy as the factors, and what was left over of the last ones
would be added in the wrong place.  The best R is that of the orthogonal Procrustes problem
(Schönemann 1966): U V^T of the SVD of A A'^T + B^T B', a matrix of rank by rank.
"""

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors

_WORTH = 0.5
"""Factors are turned where that leaves at most this share of the squared distance."""


def aligned(adapter: Adapter, before: Adapter) -> dict[str, Factors]:
    """Return ``adapter`` with factors turned towards those of ``before``; its products stay.

    Modules are left as they are where turning them gains less than half, as when the factors were
    averaged, where ``before`` has another shape, and where a factor is bit by bit the one before.
    """
    return {
        name: _turned(factors, before[name]) if name in before else factors
        for name, factors in adapter.items()
    }


def _turned(new: Factors, old: Factors) -> Factors:
    if (new.rank, new.shape) != (old.rank, old.shape):
        return new
    if torch.equal(new.a, old.a) or torch.equal(new.b, old.b):
        return new
    a, b, old_a, old_b = (m.double() for m in (new.a, new.b, old.a, old.b))
    left, _, right = torch.linalg.svd(a @ old_a.T + b.T @ old_b)
    turn = left @ right
    turned_a, turned_b = turn.T @ a, b @ turn
    if _distance(turned_a, turned_b, old_a, old_b) > _WORTH * _distance(a, b, old_a, old_b):
        return new
    return Factors(turned_a.float(), turned_b.float(), new.scaling)


def _distance(a: Tensor, b: Tensor, old_a: Tensor, old_b: Tensor) -> float:
    return float((a - old_a).square().sum() + (b - old_b).square().sum())

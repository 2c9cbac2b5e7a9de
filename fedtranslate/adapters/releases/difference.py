"""How two releases differ: in what they say, and in what they do to each matrix.

Two adapters may hold quite different A and B and do the same, so the updates are compared,
||s_2 B_2 A_2 - s_1 B_1 A_1|| / ||s_1 B_1 A_1|| in the Frobenius norm.  The difference is one
product of stacked factors; with B = Q_b R_b and A^T = Q_a R_a its norm is that of the small core
R_b R_a^T, so no matrix of the size of the model's is formed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.releases.release import Release


@dataclass(frozen=True, slots=True)
class Difference:
    """From a first release to a second."""

    said: Mapping[str, tuple[Any, Any]]
    """Entry of the manifest to its two values, for those that differ."""
    done: Mapping[str, float]
    """Module to the norm of the difference, relative to the first; infinite where that is 0."""
    total: float
    """The same of all modules together."""


def difference(first: tuple[Adapter, Release], second: tuple[Adapter, Release]) -> Difference:
    """Return how ``second`` differs from ``first``; a module that one lacks is 0 there.

    Modules of the same name have the same shape where both releases are of one base model; where
    not, they count as two modules, one of which each lacks.
    """
    old, new = (release.model_dump(mode="json") for _, release in (first, second))
    said = {name: (old[name], new[name]) for name in old if old[name] != new[name]}
    norms = {
        name: _norms(first[0].get(name), second[0].get(name))
        for name in sorted(first[0].keys() | second[0].keys())
    }
    total = _relative(
        math.hypot(*(between for between, _ in norms.values())),
        math.hypot(*(size for _, size in norms.values())),
    )
    return Difference(said, {name: _relative(*norm) for name, norm in norms.items()}, total)


def _norms(first: Factors | None, second: Factors | None) -> tuple[float, float]:
    """Return the norms of the difference, and of the first."""
    size, other = _norm(first), _norm(second)
    if first is None or second is None or first.shape != second.shape:
        return math.hypot(size, other), size
    a = torch.cat([second.a.double(), first.a.double()])
    b = torch.cat([second.b.double() * second.scaling, first.b.double() * -first.scaling], dim=1)
    return _norm(Factors(a, b)), size


def _norm(factors: Factors | None) -> float:
    """Return the Frobenius norm of the update."""
    if factors is None:
        return 0.0
    core_b = torch.linalg.qr(factors.b.double(), mode="r").R
    core_a = torch.linalg.qr(factors.a.double().T, mode="r").R
    return abs(factors.scaling) * float(torch.linalg.matrix_norm(core_b @ core_a.T))


def _relative(between: float, size: float) -> float:
    if size:
        return between / size
    return math.inf if between else 0.0

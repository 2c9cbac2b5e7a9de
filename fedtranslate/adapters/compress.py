"""Bring an adapter to another rank without ever forming the matrix it updates.

Two thin QR decompositions, B = Q_b R_b and A^T = Q_a R_a, leave B A = Q_b (R_b R_a^T) Q_a^T,
whose small core has the same singular values.  Cutting them after the largest ``rank`` gives
the best update of that rank (Eckart and Young 1936).

Which factors stand for the result is a free choice, B A = (B R^T)(R A) for every invertible
R, and training goes on from them, so the choice matters: with a split of the singular values
between both sides a direction that is still near zero would have both sides near zero, and no
gradient.  Here A keeps orthogonal rows of the length it had before, and B carries the singular
values, which is the situation LoRA starts from.  Its rows are turned towards the A that
training began with (orthogonal Procrustes, Schonemann 1966), so that they move little from
round to round and their signs do not depend on the linear algebra library.
"""

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError


def truncate(adapter: Adapter, rank: int, *, scaling: float | None = None) -> dict[str, Factors]:
    """Return the best adapter of ``rank``; the update is unchanged if ``rank`` suffices.

    Args:
        adapter: Finite factors.
        rank: Rank of the result, at least 1.  Beyond what the update needs, rows of A go on
            as directions without effect yet; beyond all directions there are, they are zero.
        scaling: Scaling of the result; None keeps each module's own.

    Raises:
        AggregationError: ``rank`` or ``scaling`` is not positive.
    """
    if rank < 1 or (scaling is not None and not scaling > 0):
        raise AggregationError(f"An adapter cannot have rank {rank} and scaling {scaling}.")
    return {
        name: refactor(
            factors.a,
            factors.b * factors.scaling,
            rank=rank,
            scaling=factors.scaling if scaling is None else scaling,
            towards=factors.a,
        )
        for name, factors in adapter.items()
    }


def refactor(a: Tensor, b: Tensor, *, rank: int, scaling: float, towards: Tensor) -> Factors:
    """Return factors of ``rank`` with ``scaling * b' @ a'`` closest to ``b @ a``.

    Args:
        a: Shape (n, in).
        b: Shape (out, n).
        rank: Rank of the result.
        scaling: Scaling of the result, not 0.
        towards: Shape (any, in): the rows that the new ones keep length and direction of.
    """
    wide_a, wide_b = a.detach().double(), b.detach().double()
    basis_b, core_b = torch.linalg.qr(wide_b)
    basis_a, core_a = torch.linalg.qr(wide_a.T)
    left, values, right = torch.linalg.svd(core_b @ core_a.T, full_matrices=True)
    kept = min(rank, len(values))
    # Rows beyond the singular values span the rest of A's row space: directions to grow into.
    rows = right[: min(rank, right.shape[0])] @ basis_a.T
    columns = torch.zeros(wide_b.shape[0], rank, dtype=torch.float64)
    columns[:, :kept] = (basis_b @ left[:, :kept]) * values[:kept]
    goal = _fitted(towards.detach().double(), rank)
    length = _row_length(goal, rows.shape[0])
    rows = _fitted(rows, rank)
    turn = _procrustes(rows, goal)
    return Factors(
        a=(length * (turn @ rows)).float(),
        b=(columns @ turn.T / (length * scaling)).float(),
        scaling=scaling,
    )


def singular_values(a: Tensor, b: Tensor) -> Tensor:
    """Return the singular values of ``b @ a``, largest first, from its small core.

    Args:
        a: Shape (n, in).
        b: Shape (out, n).
    """
    core_b = torch.linalg.qr(b.detach().double(), mode="r").R
    core_a = torch.linalg.qr(a.detach().double().T, mode="r").R
    values: Tensor = torch.linalg.svdvals(core_b @ core_a.T)
    return values


def _fitted(rows: Tensor, count: int) -> Tensor:
    """Cut ``rows`` to ``count``, or fill up with zero rows."""
    fitted = torch.zeros(count, rows.shape[1], dtype=rows.dtype)
    fitted[: min(count, rows.shape[0])] = rows[:count]
    return fitted


def _row_length(rows: Tensor, count: int) -> float:
    """Return the root mean square length over ``count`` rows; 1 if all are zero."""
    return float(rows.square().sum() / max(count, 1)) ** 0.5 or 1.0


def _procrustes(rows: Tensor, goal: Tensor) -> Tensor:
    """Return the orthogonal matrix R with R @ rows closest to ``goal``."""
    left, _, right = torch.linalg.svd(goal @ rows.T)
    turn: Tensor = left @ right
    return turn

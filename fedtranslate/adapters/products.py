"""Geometry of the updates s B A of many adapters, without ever forming one of them.

The factors of an update are defined only up to an invertible matrix between them, so nothing that
compares sites may look at A and B apart.  What can be compared is their product, and the inner
product of two of them needs small matrices alone:

    <s_i B_i A_i, s_j B_j A_j>  =  s_i s_j sum((B_i^T B_j) * (A_i A_j^T)),

with * entry by entry.  Its cost is linear in the sides of the adapted matrix.  Where the single
entries of the updates are wanted, a frame gives all of them as small cores between two
orthonormal bases that they share.

Everything here is in double precision.  An adapter of several modules counts as one long vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError


def difference(adapter: Adapter, reference: Adapter) -> dict[str, Factors]:
    """Return what ``adapter`` does beyond ``reference``, as factors of the sum of both ranks.

    Where ranks and scalings agree it is written as dB A + B_ref dA, which loses no digits when
    the two are near to each other, as after a few steps of training.

    Args:
        adapter: Finite factors of shapes (rank, in) and (out, rank).
        reference: Of the same modules and (out, in).

    Raises:
        AggregationError: The two do not adapt the same matrices.
    """
    _check([adapter, reference])
    return {name: _apart(factors, reference[name]) for name, factors in adapter.items()}


def gram(adapters: Sequence[Adapter]) -> Tensor:
    """Return the inner products of the updates, shape (N, N), summed over all modules.

    The cost is N^2 r^2 (out + in) for each module; the memory N r (out + in).

    Args:
        adapters: N of them, at least one, of the same modules and (out, in); ranks and scalings
            may differ.

    Raises:
        AggregationError: They do not adapt the same matrices.
    """
    _check(adapters)
    total = torch.zeros(len(adapters), len(adapters), dtype=torch.float64)
    for name in adapters[0]:
        factors = [adapter[name] for adapter in adapters]
        a, b, ends = _side_by_side(factors)
        for row in range(len(factors)):
            start, end = ends[row], ends[row + 1]
            shared = (b[:, start:end].T @ b) * (a[start:end] @ a.T)
            parts = torch.tensor_split(shared.sum(0), ends[1:-1])
            total[row] += torch.stack([part.sum() for part in parts])
    return (total + total.T) / 2


def norms(products: Tensor) -> Tensor:
    """Return the Frobenius norms of the updates, shape (N,), from their inner products."""
    return products.diagonal().clamp(min=0).sqrt()


def cosines(products: Tensor) -> Tensor:
    """Return the cosines between the updates, shape (N, N); that of a zero update is 0."""
    lengths = norms(products)
    sizes = lengths[:, None] * lengths[None, :]
    found = torch.where(sizes > 0, products / sizes, torch.zeros_like(products))
    return found.clamp(-1, 1)


def squared_distances(products: Tensor) -> Tensor:
    """Return the squared distances between the updates, shape (N, N)."""
    squares = products.diagonal()
    found = (squares[:, None] + squares[None, :] - 2 * products).clamp(min=0)
    return found.fill_diagonal_(0)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Two orthonormal bases that N updates of one matrix share: update k = left @ core k @ right.

    With R the sum of all ranks, m = min(out, R) and n = min(in, R).
    """

    left: Tensor
    """Shape (out, m), orthonormal columns."""
    cores: Tensor
    """Shape (N, m, n)."""
    right: Tensor
    """Shape (n, in), orthonormal rows."""


def frame(factors: Sequence[Factors], reference: Factors | None = None) -> Frame:
    """Return the common frame of N updates of one matrix: the principal axes of the cohort.

    With D_k for the update less the reference, the left basis are the eigenvectors of
    sum_k D_k D_k^T / |D_k|^2 and the right one those of sum_k D_k^T D_k / |D_k|^2, largest first
    (as in the higher-order SVD, De Lathauwer et al. 2000).  So they follow from the updates alone:
    neither the order of the sites matters nor the factors that one chose for its update, and no
    update has more say for being long.  Signs stay free, and so do axes of equal eigenvalues.

    Args:
        factors: N of one (out, in), at least one; ranks and scalings may differ.
        reference: Of the same (out, in); what the updates are counted from.
    """
    a, b, ends = _side_by_side([*factors, *([] if reference is None else [reference])])
    basis_b, inner_b = torch.linalg.qr(b)
    basis_a, inner_a = torch.linalg.qr(a.T)
    cores = torch.stack(
        [
            inner_b[:, start:end] @ inner_a[:, start:end].T
            for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
    )
    if reference is not None:
        cores = cores[:-1] - cores[-1]
    lengths = cores.flatten(1).norm(dim=1)
    equal = cores / torch.where(lengths > 0, lengths, torch.ones_like(lengths))[:, None, None]
    left = _axes(torch.einsum("kij,klj->il", equal, equal))
    right = _axes(torch.einsum("kji,kjl->il", equal, equal))
    return Frame(basis_b @ left, left.T @ cores @ right, (basis_a @ right).T)


def factored(cohort: Frame, core: Tensor) -> tuple[Tensor, Tensor]:
    """Return b (out, r) and a (r, in) with b @ a the update of ``core`` in the frame.

    Args:
        cohort: The frame.
        core: Shape (m, n); r is its numerical rank, at least 1.
    """
    left, values, right = torch.linalg.svd(core, full_matrices=False)
    kept = max(1, int((values > values[0] * 1e-12).sum()))
    return cohort.left @ (left[:, :kept] * values[:kept]), right[:kept] @ cohort.right


def _apart(factors: Factors, reference: Factors) -> Factors:
    a, b, scaling = factors.a.detach().double(), factors.b.detach().double(), factors.scaling
    old_a, old_b = reference.a.detach().double(), reference.b.detach().double()
    if (factors.rank, scaling) == (reference.rank, reference.scaling):
        return Factors(torch.cat([a, a - old_a]), torch.cat([b - old_b, old_b], dim=1), scaling)
    columns = [b * scaling, old_b * -reference.scaling]
    return Factors(torch.cat([a, old_a]), torch.cat(columns, dim=1))


def _side_by_side(factors: Sequence[Factors]) -> tuple[Tensor, Tensor, Tensor]:
    """Return A (R, in), s B (out, R), and where the block of each begins and ends, (N + 1,)."""
    a = torch.cat([one.a.detach().double() for one in factors])
    b = torch.cat([one.b.detach().double() * one.scaling for one in factors], dim=1)
    ends = torch.tensor([0, *(one.rank for one in factors)]).cumsum(0)
    return a, b, ends


def _axes(moment: Tensor) -> Tensor:
    _, vectors = torch.linalg.eigh(moment)
    axes: Tensor = vectors.flip(1)
    return axes


def _check(adapters: Sequence[Adapter]) -> None:
    if not adapters:
        raise AggregationError("There are no adapters to compare.")
    for number, adapter in enumerate(adapters):
        if adapter.keys() != adapters[0].keys():
            odd = sorted(adapter.keys() ^ adapters[0].keys())
            raise AggregationError(f"Adapters 0 and {number} differ in their modules: {odd[:3]}.")
        for name, factors in adapter.items():
            first = adapters[0][name]
            wanted = first.shape if first.a.ndim == first.b.ndim == 2 else ()
            is_matrix = factors.a.ndim == factors.b.ndim == 2
            if not is_matrix or factors.b.shape[1] != factors.rank or factors.shape != wanted:
                raise AggregationError(
                    f"Adapter {number} updates {name} as {tuple(factors.b.shape)} by "
                    f"{tuple(factors.a.shape)}; adapter 0 is {wanted}."
                )

"""The core of an adapter: b = Q R, where both ends make Q of the joint adapter themselves.

Only the (rank, rank) matrix R is trained then, and only R travels (Fed-SB, Singhal et al. 2025,
arXiv:2502.15436).
"""

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.errors import AggregationError


def basis(b: Tensor) -> Tensor:
    """Return an orthonormal basis of the columns of ``b``, in float64: the Q of b = Q R.

    The diagonal of R is positive or zero, so that all ends agree on the signs.

    Args:
        b: Shape (out, rank), with out >= rank.
    """
    q, r = torch.linalg.qr(b.detach().double())
    turned: Tensor = q * torch.where(r.diagonal() < 0, -1.0, 1.0).to(q.dtype)
    return turned


def cores(adapter: Adapter, joint: Adapter) -> dict[str, Factors]:
    """Return the cores of ``adapter`` as factors of shape (rank, in) and (rank, rank).

    Args:
        adapter: Whose b lies in the basis of the joint one.
        joint: The joint adapter.
    """
    found = {}
    for name, one in adapter.items():
        core = basis(joint[name].b).T @ one.b.detach().double()
        found[name] = Factors(one.a, core.float(), one.scaling)
    return found


def from_cores(found: Adapter, joint: Adapter) -> dict[str, Factors]:
    """Return the adapter whose cores were ``found``.

    Args:
        found: Factors of shape (rank, in) and (rank, rank); modules that ``joint`` lacks are left
            out.
        joint: The joint adapter.

    Raises:
        AggregationError: A core is not of the rank of the joint adapter.
    """
    for name, one in found.items():
        if name in joint and one.b.shape != (joint[name].rank, joint[name].rank):
            raise AggregationError(
                f"The core of {name} has the shape {tuple(one.b.shape)}, but the joint adapter has"
                f" the rank {joint[name].rank}."
            )
    return {
        name: Factors(one.a, (basis(joint[name].b) @ one.b.detach().double()).float(), one.scaling)
        for name, one in found.items()
        if name in joint
    }

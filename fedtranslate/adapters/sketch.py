"""Inner products of many updates, in time linear in their number: exact for few, else sketched.

Exact ones (``products.gram``) take N^2 small products for each module.  Above ``EXACT`` updates
each is brought down to one vector first: with D_k the update k of a module and random orthonormal
bases P of (out, width) and Q of (in, width), it is the sum over the modules of

    sqrt(out in) / width * P^T D_k Q,

whose inner products are those of the updates in the mean over P and Q (Johnson and Lindenstrauss
1984; on both sides as in a randomised SVD, Halko et al. 2011).  A side that is no longer than
``width`` is turned and not cut.  It takes (out + in) r width operations for each update and module,
and what is then quadratic is one matrix product for the whole adapter.

The root mean square error of an inner product is at most 2 / sqrt(width) of the product of the
lengths, as for updates of rank one in a single module; over more directions and modules the errors
even out.  One module with no side above ``width`` is exact.  Equal updates have equal vectors, and
lengths are always exact.
"""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors, checksum
from fedtranslate.adapters.products import difference, gram
from fedtranslate.errors import AggregationError

EXACT = 50
"""Updates of which all inner products are computed as they are."""
WIDTH = 128
"""Of the bases."""


def compared(
    replies: Sequence[Adapter], reference: Adapter | None, *, exact: int = EXACT
) -> tuple[Tensor, Tensor]:
    """Return the lengths of the changes that replies make, (N,), and inner products, (N, N).

    Replies are read one module at a time, and above ``exact`` one reply at a time, so that those
    that wait on disk need not be in memory as a whole.

    Args:
        replies: At least one; of the same modules and (out, in).
        reference: What changes are counted from; None if from nothing.
        exact: Up to how many replies the inner products are exact.

    Raises:
        AggregationError: They do not adapt the same matrices.
    """
    for number, other in enumerate([*replies, *([] if reference is None else [reference])]):
        if odd := other.keys() ^ replies[0].keys():
            which = f"reply {number}" if number < len(replies) else "the joint adapter"
            raise AggregationError(
                f"Reply 0 and {which} differ in their modules: {sorted(odd)[:3]}."
            )
    if len(replies) > exact:
        vectors, squares = sketched(replies, reference, seed=_seed(replies))
        return squares.sqrt(), vectors @ vectors.T
    total = torch.zeros(len(replies), len(replies), dtype=torch.float64)
    for name in replies[0]:
        total += gram([_change(reply, reference, name) for reply in replies])
    return total.diagonal().clamp(min=0).sqrt(), total


def sketched(
    replies: Sequence[Adapter], reference: Adapter | None, *, seed: int, width: int = WIDTH
) -> tuple[Tensor, Tensor]:
    """Return a vector for each change, (N, width^2), and its exact squared length, (N,).

    Args:
        replies: As for ``compared``.
        reference: Likewise.
        seed: Of the bases.
        width: Of the bases.
    """
    rng = torch.Generator().manual_seed(seed)
    vectors = torch.zeros(len(replies), width * width, dtype=torch.float64)
    squares = torch.zeros(len(replies), dtype=torch.float64)
    for name in sorted(replies[0]):
        out, columns = replies[0][name].shape
        left, right = _basis(out, width, rng), _basis(columns, width, rng)
        for number, reply in enumerate(replies):
            if reply[name].shape != (out, columns):
                raise AggregationError(f"Replies 0 and {number} differ at the module {name}.")
            one = _change(reply, reference, name)[name]
            a, b = one.a.double(), one.b.double() * one.scaling
            squares[number] += ((b.T @ b) * (a @ a.T)).sum().clamp(min=0)
            vectors[number] += ((left @ b) @ (a @ right.T)).flatten()
    return vectors, squares


def _change(reply: Adapter, reference: Adapter | None, name: str) -> dict[str, Factors]:
    one = {name: reply[name]}
    return one if reference is None else difference(one, {name: reference[name]})


def _basis(side: int, width: int, rng: torch.Generator) -> Tensor:
    """Return what brings a side to ``width``, (width, side): lengths stay, in the mean or exactly.

    A shorter side is turned within the width at random, so that modules lie across each other.
    """
    long, short = max(side, width), min(side, width)
    found: Tensor = torch.linalg.qr(torch.randn(long, short, generator=rng, dtype=torch.float64)).Q
    return found if side <= width else found.T * (side / width) ** 0.5


def _seed(replies: Sequence[Adapter]) -> int:
    """Return a number that depends on what all sent, so that none can aim at the bases."""
    name = min(replies[0])
    digest = hashlib.sha256()
    for one in sorted(checksum({name: reply[name]}) for reply in replies):
        digest.update(one.encode())
    return int.from_bytes(digest.digest()[:7], "big")

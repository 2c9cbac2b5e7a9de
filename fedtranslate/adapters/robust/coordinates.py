"""Rules entry by entry: median, trimmed mean, Bulyan, on the updates' small cores.

Entry by entry depends on the axes: such a rule does not commute with rotations, and the entries
of A and B have no axes at all, since every site may turn its factors as it likes.  The dense
update has axes, those of the model's neurons, but is never formed.  So the entries here are those
of the cores in the common frame of the cohort (``products.frame``), whose axes follow from the
updates alone; every update has the same say in them, so a long one cannot choose them.  A frame
is orthonormal, so each bound on single entries is one on the update, too.

On the principal axes themselves, what one site alone has learned would be alone in its entries,
and a median strikes it out, though honest.  So the axes are mixed evenly, by a cosine transform;
that needs their signs, which are set by the largest entry of each.

What sites claim as their weight is not read, as in ``weighing``.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from fedtranslate.adapters.compress import refactor
from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.products import Frame, factored, frame

Reduce: TypeAlias = Callable[[Tensor, int], Tensor]
"""Makes one value (...) of those of N replies (N, ...) of which ``byzantine`` may be anything."""


_UNUSED = 1e-18
"""An axis with less than this part of the squares of the first has rounding alone."""


def median(values: Tensor, byzantine: int) -> Tensor:  # noqa: ARG001
    """Return the median over the replies; of an even number, the mean of the middle two.

    Reference:
        Yin et al. 2018, arXiv:1803.01498.
    """
    count = len(values)
    ordered = values.sort(dim=0).values
    middle: Tensor = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return middle


def trimmed_mean(values: Tensor, byzantine: int) -> Tensor:
    """Return the mean without the ``byzantine`` largest and as many smallest.

    Reference:
        Yin et al. 2018, arXiv:1803.01498.
    """
    kept: Tensor = values.sort(dim=0).values[byzantine : len(values) - byzantine]
    return kept.mean(dim=0)


def nearest_to_median(values: Tensor, byzantine: int) -> Tensor:
    """Return the mean of the N - 2 f values nearest to the median: Bulyan's second step.

    Reference:
        El Mhamdi et al. 2018, arXiv:1802.07927.
    """
    ordered = values.sort(dim=0).values  # so that ties do not go by the order of the sites
    away = (ordered - median(values, byzantine)).abs()
    nearest = away.argsort(dim=0, stable=True)[: max(1, len(values) - 2 * byzantine)]
    return ordered.gather(0, nearest).mean(dim=0)


def mixed(cohort: Frame) -> Frame:
    """Return the same updates on axes that each hold an even part of all axes of ``cohort``.

    Axes along which no update reaches are left out: nothing may get a part there by mixing.
    """
    squares = cohort.cores.square()
    left, rows = _mixing(cohort.left, squares.sum(dim=(0, 2)))
    right, columns = _mixing(cohort.right.T, squares.sum(dim=(0, 1)))
    cores = rows.T @ cohort.cores @ columns
    return Frame(left, cores, right.T)


def joined(
    adapters: Sequence[Adapter],
    reference: Adapter | None,
    byzantine: int,
    reduce: Reduce,
    *,
    keeps_rank: bool,
) -> dict[str, Factors]:
    """Return one adapter whose update is made entry by entry from those of the sites.

    Where all sites have the same A, as when it is frozen, the result has it, too, bit by bit, and
    only B is new; likewise with B.

    Args:
        adapters: N of them, finite, of the same modules and (out, in).
        reference: What the sites began with, of the same modules; None if from nothing.
        byzantine: How many of the replies may be anything.
        reduce: The rule.
        keeps_rank: Whether to cut the result to rank and scaling of ``reference``; its A is then
            turned towards that of the reference, never towards what a site sent.
    """
    result = {}
    for name in adapters[0]:
        factors = [adapter[name] for adapter in adapters]
        start = None if reference is None else reference[name]
        cohort = mixed(frame(factors, start))
        b, a = factored(cohort, reduce(cohort.cores, byzantine))
        result[name] = _with_shared(factors, start, a, b) or _new(start, a, b, keeps_rank)
    rank = max(factors.rank for factors in result.values())
    return {name: _padded(factors, rank) for name, factors in result.items()}


def _mixing(axes: Tensor, squares: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mixed axes, (side, m), and what makes them of all, (all, m).

    It is the cosine transform (DCT-II, orthonormal) of the axes that are used, with fixed signs.

    Args:
        axes: Shape (side, all), orthonormal columns.
        squares: Shape (all,): how much of the updates lies along each.
    """
    used = (squares > _UNUSED * squares.max()).nonzero()[:, 0]
    used = used if len(used) else torch.zeros(1, dtype=torch.long)
    count = len(used)
    place = torch.arange(count, dtype=torch.float64)
    turn = torch.cos(math.pi * (place[:, None] + 0.5) * place[None, :] / count)
    turn = turn * torch.where(place > 0, (2 / count) ** 0.5, (1 / count) ** 0.5)
    kept = axes[:, used]
    largest = kept.gather(0, kept.abs().argmax(dim=0, keepdim=True))[0]
    turn = torch.where(largest < 0, -1.0, 1.0)[:, None] * turn
    mixing = torch.zeros(axes.shape[1], count, dtype=torch.float64)
    mixing[used] = turn
    return kept @ turn, mixing


def _with_shared(
    factors: Sequence[Factors], start: Factors | None, a: Tensor, b: Tensor
) -> Factors | None:
    """Return start + b @ a by the one A, or the one B, that all have; None if there is none."""
    first = factors[0]
    everybody = [*factors, *([] if start is None else [start])]
    if any((one.rank, one.scaling) != (first.rank, first.scaling) for one in everybody):
        return None
    if all(torch.equal(one.a, first.a) for one in everybody):
        change = b @ (a @ torch.linalg.pinv(first.a.detach().double())) / first.scaling
        old = 0.0 if start is None else start.b.detach().double()
        return Factors(first.a.detach().clone(), (old + change).float(), first.scaling)
    if all(torch.equal(one.b, first.b) for one in everybody):
        change = (torch.linalg.pinv(first.b.detach().double()) @ b) @ a / first.scaling
        old = 0.0 if start is None else start.a.detach().double()
        return Factors((old + change).float(), first.b.detach().clone(), first.scaling)
    return None


def _padded(factors: Factors, rank: int) -> Factors:
    """Return the same update at ``rank``: files and methods want one rank for all modules."""
    more = rank - factors.rank
    pad = torch.nn.functional.pad
    return Factors(pad(factors.a, (0, 0, 0, more)), pad(factors.b, (0, more)), factors.scaling)


def _new(start: Factors | None, a: Tensor, b: Tensor, keeps_rank: bool) -> Factors:
    if start is None:
        return Factors(a.float(), b.float())
    rows = torch.cat([a, start.a.detach().double()])
    columns = torch.cat([b, start.b.detach().double() * start.scaling], dim=1)
    if keeps_rank:
        rank, scaling = start.rank, start.scaling
        return refactor(rows, columns, rank=rank, scaling=scaling, towards=start.a)
    return Factors(rows.float(), columns.float())

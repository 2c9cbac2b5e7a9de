"""Shares for replies by where their updates lie: Krum, Multi-Krum, the geometric median.

All of it is computed from the N x N inner products of the updates (``products.gram``), so it
does not depend on the factors that a site chose.  What sites claim as their weight is not read:
a claim would buy influence.  Replies that lie equally well have equal shares, so their order
does not matter.
"""

import torch
from torch import Tensor

from fedtranslate.adapters.products import squared_distances

_TIE = 1e-9
"""Scores this near to each other, against the largest, are equal: sums round."""
_STEPS = 1_000


def krum_shares(products: Tensor, byzantine: int) -> Tensor:
    """Return 1 for the update with the nearest neighbours, 0 for the others, shape (N,).

    The score of an update is the sum of the squared distances to its N - f - 2 nearest; if
    several have the least, as mutual neighbours do when one neighbour counts, they share.

    Reference:
        Blanchard et al. 2017, arXiv:1703.02757.
    """
    return _lowest(krum_scores(squared_distances(products), byzantine), 1)


def multi_krum_shares(products: Tensor, byzantine: int) -> Tensor:
    """Return equal shares for the N - f - 2 updates of the least Krum scores, shape (N,).

    Reference:
        Blanchard et al. 2017, arXiv:1703.02757; that N - f - 2 may be taken: El Mhamdi et al.
        2019, arXiv:1905.04374.
    """
    wanted = max(1, len(products) - byzantine - 2)
    return _lowest(krum_scores(squared_distances(products), byzantine), wanted) / wanted


def krum_scores(distances: Tensor, byzantine: int) -> Tensor:
    """Return the Krum score of each update, shape (N,), from squared distances (N, N)."""
    count = len(distances)
    if count == 1:
        return torch.zeros(1, dtype=distances.dtype)
    near = min(count - 1, max(1, count - byzantine - 2))
    others = distances + torch.diag(torch.full((count,), torch.inf, dtype=distances.dtype))
    scores: Tensor = others.sort(dim=1).values[:, :near].sum(1)
    return scores


def bulyan_choice(products: Tensor, byzantine: int) -> list[int]:
    """Return which N - 2 f updates Bulyan keeps: Krum's choice, again and again, of the rest.

    What Krum holds for equal goes by the sum of all squared distances.

    Reference:
        El Mhamdi et al. 2018, arXiv:1802.07927.
    """
    distances = squared_distances(products)
    total = distances.sum(1)
    rest, chosen = list(range(len(products))), list[int]()
    while len(chosen) < max(1, len(products) - 2 * byzantine):
        scores = krum_scores(distances[rest][:, rest], byzantine)
        level = float(scores.min()) + _TIE * float(scores.max())
        equal = [one for one, score in zip(rest, scores.tolist(), strict=True) if score <= level]
        best = min(equal, key=lambda one: float(total[one]))
        chosen.append(best)
        rest.remove(best)
    return sorted(chosen)


def geometric_median_shares(products: Tensor, byzantine: int = 0) -> Tensor:  # noqa: ARG001
    """Return the shares whose mean is the geometric median of the updates, shape (N,).

    The smoothed Weiszfeld iteration: each share is as 1 / max(distance to the mean, v) with v a
    millionth of the median distance.  It ends when a step moves the mean by less than 1e-9 of the
    median distance, or after 1,000 steps; against the best point the sum of the distances is then
    too large by a part of 1e-6 at most (tested).  Both go by the median, so that one update that is
    far away does not end it early.

    Reference:
        RFA, Pillutla et al. 2022, arXiv:1912.13445.
    """
    shares = torch.full((len(products),), 1 / len(products), dtype=torch.float64)
    for _ in range(_STEPS):
        lengths = _distances_to_mean(products, shares)
        middle = float(lengths.median())
        if middle <= 0:
            break
        nearer = 1 / lengths.clamp(min=1e-6 * middle)
        nearer = nearer / nearer.sum()
        step, shares = nearer - shares, nearer
        if float(step @ products @ step) <= (1e-9 * middle) ** 2:
            break
    return shares


def _distances_to_mean(products: Tensor, shares: Tensor) -> Tensor:
    to_all = products @ shares
    squares = products.diagonal() - 2 * to_all + shares @ to_all
    return squares.clamp(min=0).sqrt()


def _lowest(scores: Tensor, wanted: int) -> Tensor:
    """Return 1 for the ``wanted`` lowest; those equal to the last of them share what is left."""
    slack = _TIE * float(scores.max())
    last = float(scores.sort().values[wanted - 1])
    below, equal = scores < last - slack, (scores - last).abs() <= slack
    left = wanted - int(below.sum())
    shares: Tensor = below.double() + equal.double() * (left / max(1, int(equal.sum())))
    return shares

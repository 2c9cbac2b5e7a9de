"""Screen the replies of a round against each other, before anything is combined.

What is judged is the change that a reply makes to the update, its product B A less that of the
joint adapter: A and B apart may hide a harmful product (Gradient Assembly Poisoning,
arXiv:2601.00566).  They are looked at for one thing: a site may turn its factors without changing
their product, which harms methods that average them.

Every bound is against the cohort's own median, so it needs no knowledge of the task; it holds as
long as fewer than half of the replies are bad.  Fewer than three replies are no cohort.  Where the
median change is nothing, as when a trade only passes on what it got, nothing is refused.

Among many replies, directions and copies are found by sketches of the changes (``sketch``), so that
the work grows in proportion to their number; lengths are always exact.

What this does not find: a reply that looks like an honest one.  That is for the rules, which bound
what it can do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.products import cosines, squared_distances
from fedtranslate.adapters.robust.weighing import geometric_median_shares
from fedtranslate.adapters.sketch import compared

_FEWEST = 3
_FEWEST_DIRECTIONS = 5
"""Of three or four honest sites with code of their own, one may well point away from the others."""
_STILL = 1e-6
"""A change below this part of the median one is none: float32 rounds."""
_LEAST_KEPT = 0.5
"""Factors whose cosine to those that were sent is below this are turned, if outliers, too."""
_FAR = 3.0
"""A cosine is an outlier below the median by so many times its usual spread."""
_SPREAD_OF_MAD = 1.4826
"""Standard deviation of a normal distribution against its median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reply may be, against the cohort's."""

    norm_factor: float = 4.0
    """Longest change, in medians; also of A and B apart."""
    least_cosine: float = -0.1
    """Least cosine of a change to the cohort's centre, where it is an outlier, too."""
    likeness: float = 0.05
    """Two replies nearer to each other than this part of the median distance are one."""


def screened(
    replies: Mapping[str, Adapter],
    reference: Adapter | None,
    bounds: Bounds,
    *,
    by_rows: bool = False,
) -> dict[str, str]:
    """Return why replies are refused, by the name of the site; nothing for those that pass.

    Args:
        replies: By site; finite, of the same modules and (out, in).
        reference: The joint adapter that the sites began with; None if they began from nothing.
        bounds: Of the run.
        by_rows: Whether sites of less rank begin with the first rows of A and columns of B, so
            that their factors are seen from these; else such factors cannot be compared.
    """
    if len(replies) < _FEWEST:
        return {}
    names = sorted(replies)
    lengths, products = compared([replies[name] for name in names], reference)
    middle = median(lengths.tolist())
    if middle <= 0:
        return {}
    found = dict(_unmoved(names, lengths / middle))
    found |= _too_long(names, lengths / middle, "change of the update", bounds.norm_factor, found)
    if reference is not None:
        found |= _turned(names, replies, reference, found, by_rows=by_rows)
        for part, told in (("a", "change of A"), ("b", "change of B")):
            moved = torch.tensor(
                [_moved(replies[name], reference, part, by_rows=by_rows) for name in names]
            )
            if float(moved.median()) > 0:
                against = moved / moved.median()
                found |= _too_long(names, against, told, bounds.norm_factor, found)
    found |= _copied(names, products, bounds.likeness, found)
    return found | _turned_away(names, products, bounds.least_cosine, found)


def capped(weights: Sequence[float], factor: float) -> list[float]:
    """Return ``weights``, none above ``factor`` times their median.

    What a site says of its pairs cannot be verified, so one claim alone must not decide.
    """
    least = factor * median(weights) if weights else 0.0
    return [min(weight, least) if least > 0 else weight for weight in weights]


def _unmoved(names: Sequence[str], lengths: Tensor) -> dict[str, str]:
    return {
        name: "its adapter is the joint one as it was sent, so it has learned nothing"
        for name, length in zip(names, lengths.tolist(), strict=True)
        if length <= _STILL
    }


def _too_long(
    names: Sequence[str], lengths: Tensor, what: str, most: float, found: Mapping[str, str]
) -> dict[str, str]:
    return {
        name: f"its {what} is {length:.4g} times as long as the median of the round, and {most:g}"
        " are allowed"
        for name, length in zip(names, lengths.tolist(), strict=True)
        if length > most and name not in found
    }


def _copied(
    names: Sequence[str], products: Tensor, likeness: float, found: Mapping[str, str]
) -> dict[str, str]:
    """Refuse all but the first of replies that are one and the same."""
    left = [number for number, name in enumerate(names) if name not in found]
    if len(left) < _FEWEST:
        return {}
    distances = squared_distances(products[left][:, left]).sqrt()
    later, earlier = torch.tril_indices(len(left), len(left), -1)
    pairs = distances[later, earlier]
    near, copies = pairs < likeness * median(pairs.tolist()), {}
    for one, other in zip(later[near].tolist(), earlier[near].tolist(), strict=True):
        name, first = names[left[one]], names[left[other]]
        if first not in copies and name not in copies:
            copies[name] = f"its update is that of site {first}"
    return copies


def _turned_away(
    names: Sequence[str], products: Tensor, least: float, found: Mapping[str, str]
) -> dict[str, str]:
    """Refuse what points away from the geometric median of the directions."""
    left = [number for number, name in enumerate(names) if name not in found]
    if len(left) < _FEWEST_DIRECTIONS:
        return {}
    directions = cosines(products)[left][:, left]
    shares = geometric_median_shares(directions)
    towards = directions @ shares
    length = float(shares @ towards) ** 0.5
    if length <= _STILL:
        return {}
    angles = (towards / length).tolist()
    bound = min(least, _low_end(angles))
    return {
        names[number]: f"its update points away from those of the others: the cosine to their"
        f" centre is {angle:.2f}, and {bound:.2f} the least"
        for number, angle in zip(left, angles, strict=True)
        if angle < bound
    }


def _turned(
    names: Sequence[str],
    replies: Mapping[str, Adapter],
    reference: Adapter,
    found: Mapping[str, str],
    *,
    by_rows: bool,
) -> dict[str, str]:
    """Refuse factors that lie otherwise than those that were sent, whatever their product is."""
    refused = {}
    for part, told in (("a", "A"), ("b", "B")):
        left = [name for name in names if name not in found and name not in refused]
        kept = {
            name: _kept_direction(replies[name], reference, part, by_rows=by_rows) for name in left
        }
        known = {name: angle for name, angle in kept.items() if angle is not None}
        if len(known) < _FEWEST:
            continue
        bound = min(_LEAST_KEPT, _low_end(list(known.values())))
        for name, angle in known.items():
            if angle < bound:
                refused[name] = (
                    f"its factors {told} are turned against those it was sent: the cosine is"
                    f" {angle:.2f}, and {bound:.2f} the least"
                )
    return refused


def _low_end(values: Sequence[float]) -> float:
    """Return where outliers below the median begin."""
    middle = median(values)
    return middle - _FAR * _SPREAD_OF_MAD * median(abs(value - middle) for value in values)


def _kept_direction(
    adapter: Adapter, reference: Adapter, part: str, *, by_rows: bool
) -> float | None:
    """Return the cosine of all A, or all B, to those of ``reference``; None if there is none."""
    products = torch.zeros(3, dtype=torch.float64)
    for name, factors in adapter.items():
        new, old = _side(factors, part), _begun_with(factors, reference[name], part, by_rows)
        if new.shape != old.shape:
            return None
        new, old = new.double(), old.double()
        products += torch.stack([(new * old).sum(), new.square().sum(), old.square().sum()])
    size = float(products[1] * products[2]) ** 0.5
    return float(products[0]) / size if size > 0 else None


def _moved(adapter: Adapter, reference: Adapter, part: str, *, by_rows: bool) -> float:
    """Return how far all A, or all B, are from what the site began with; 0 if nobody knows that."""
    squares = torch.zeros((), dtype=torch.float64)
    for name, factors in adapter.items():
        new, old = _side(factors, part), _begun_with(factors, reference[name], part, by_rows)
        if new.shape != old.shape:
            return 0.0
        squares += (new.double() - old.double()).square().sum()
    return float(squares.sqrt())


def _side(factors: Factors, part: str) -> Tensor:
    return (factors.a if part == "a" else factors.b).detach()


def _begun_with(factors: Factors, sent: Factors, part: str, by_rows: bool) -> Tensor:
    """Return A, or B, of what was sent to a site of the rank of ``factors``."""
    whole = _side(sent, part)
    if not by_rows or factors.rank >= sent.rank:
        return whole
    if part == "a":
        return whole[: factors.rank]
    return whole[:, : factors.rank] * (sent.scaling / factors.scaling)

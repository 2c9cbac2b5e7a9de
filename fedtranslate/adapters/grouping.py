"""Which sites learn alike: groups found from the cosines between their updates.

Average linkage (Sokal and Michener 1958): each site begins as a group, and the two groups whose
sites are the most alike on average become one, until as many are left as are wanted.  How many
that is can be left to the silhouette (Rousseeuw 1987).  To exchange with similar sites alone is the
idea of FedMod (arXiv:2501.05871), and clusters by the cosines of updates are that of Sattler et al.
2019 (arXiv:1910.01991).  Neighbourhoods instead of groups overlap: each site with those most like
it, as peers choose each other where there is no central adapter.

Sites are known by their names and taken in the order of these, so that neither the order in which
they come nor that of the replies decides anything, ties included.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from fedtranslate.adapters.factors import Adapter
from fedtranslate.adapters.products import cosines, norms
from fedtranslate.adapters.sketch import compared
from fedtranslate.errors import AggregationError

Similarity: TypeAlias = Mapping[str, Mapping[str, float]]
"""Cosine, -1 to 1, by the names of two sites; symmetric."""
Groups: TypeAlias = tuple[tuple[str, ...], ...]
"""Names of sites: sorted, and the groups by their first."""
FEWEST = 2
"""Sites of a group: one site alone would get its own adapter back."""
PLAIN = 0.1
"""Least silhouette for sites to be parted at all, where nobody says how many groups there are.
Kaufman and Rousseeuw (1990) call a structure weak below 0.25, but they looked at few dimensions;
in as many as an adapter has, updates of one kind stand nearly at right angles, too."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Asks for the neighbourhood of each site instead of groups."""

    count: int
    """Other sites in each."""


_Nearness: TypeAlias = Callable[[Sequence[str], Sequence[str]], float]


def similarity(replies: Mapping[str, Adapter], joint: Adapter) -> dict[str, dict[str, float]]:
    """Return the cosines between the changes that sites made to the product s B A.

    Of many sites they are those of sketches; ``sketch`` says how near these are.
    Sites that changed nothing of it point nowhere, and are left out: all of them where B is 0 and
    stays at the sites.

    Args:
        replies: Adapters by the names of their sites; at least one.
        joint: What they were trained from; of the same modules and (out, in).

    Raises:
        AggregationError: The adapters do not adapt the same matrices.
    """
    names = sorted(replies)
    _, products = compared([replies[name] for name in names], joint)
    moved = (norms(products) > 0).tolist()
    found = {
        one: {other: c for other, c, counts in zip(names, row, moved, strict=True) if counts}
        for one, row in zip(names, cosines(products).tolist(), strict=True)
    }
    return {one: found[one] for one, counts in zip(names, moved, strict=True) if counts}


def grouped(likeness: Similarity, into: int | None = None, *, fewest: int = FEWEST) -> Groups:
    """Return the groups of sites that are alike.

    Groups of fewer sites than ``fewest`` join the one that is nearest to them.

    Args:
        likeness: Cosines between the sites.
        into: How many groups; as many as can be, up to that, where ``fewest`` allows no more.  None
            takes what has the highest mean silhouette, or one group where nothing is plain.
        fewest: Sites of a group, at least.

    Raises:
        AggregationError: Cosines are missing or out of range, or there are fewer sites than groups.
    """
    names = _checked(likeness)
    if into is not None and not 1 <= into <= len(names):
        raise AggregationError(
            f"{len(names)} sites cannot make {into} groups.",
            hint=f"Take 1 to {max(1, len(names) // fewest)}.",
        )
    nearness = _nearness(likeness)
    cuts = [_joined(cut, nearness, fewest) for cut in _cuts(names, nearness)]
    if into is not None:
        return max((cut for cut in cuts if len(cut) <= into), key=len)
    best = max(cuts, key=lambda cut: silhouette(likeness, cut))
    return best if silhouette(likeness, best) >= PLAIN else cuts[0]


def neighbourhoods(likeness: Similarity, peers: int) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return neighbourhoods, each to the sites whose neighbourhood it is.

    That of a site is itself and the ``peers`` sites most like it, of equals those whose names come
    first.  All names are sorted, and neighbourhoods come in the order of those they are of.

    Raises:
        AggregationError: Cosines are missing or out of range, or there are too few sites.
    """
    names = _checked(likeness)
    if not 1 <= peers < len(names):
        raise AggregationError(
            f"Each of {len(names)} sites has {len(names) - 1} others, so it cannot have {peers}"
            " peers.",
            hint=f"Take 1 to {len(names) - 1}." if len(names) > 1 else "Wait for more sites.",
        )
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for site in names:
        others = sorted(set(names) - {site}, key=lambda other: (-likeness[site][other], other))
        members = tuple(sorted([site, *others[:peers]]))
        found[members] = (*found.get(members, ()), site)
    return found


def silhouette(likeness: Similarity, groups: Groups) -> float:
    """Return the mean silhouette of all sites, -1 to 1, with 1 - cosine as the distance.

    That of a site is (b - a) / max(a, b), with a its mean distance to its own group and b that to
    the nearest other; 0 where it is alone, and where there is one group.
    """
    if len(groups) < 2:
        return 0.0
    total = 0.0
    for group in groups:
        for site in group:
            others = [one for one in group if one != site]
            if not others:
                continue
            own = _distance(likeness, site, others)
            next_best = min(_distance(likeness, site, g) for g in groups if g is not group)
            farther = max(own, next_best)
            total += (next_best - own) / farther if farther > 0 else 0.0
    return total / sum(len(group) for group in groups)


def _distance(likeness: Similarity, site: str, others: Sequence[str]) -> float:
    return sum(1 - likeness[site][other] for other in others) / len(others)


def _checked(likeness: Similarity) -> list[str]:
    names = sorted(likeness)
    if not names:
        raise AggregationError("There are no sites to group.")
    for one in names:
        for other in names:
            value = likeness[one].get(other, math.nan)
            # Sums of float64 may end a little above 1.
            if not -1.001 <= value <= 1.001 or value != likeness[other].get(one):
                raise AggregationError(
                    f"The similarity of {one} and {other} is {value} one way and"
                    f" {likeness[other].get(one)} the other; it must be one number from -1 to 1."
                )
    return names


def _nearness(likeness: Similarity) -> _Nearness:
    def mean(one: Sequence[str], other: Sequence[str]) -> float:
        # Exact, so that equal sets of cosines tie whichever sites they are of.
        return math.fsum(likeness[a][b] for a in one for b in other) / (len(one) * len(other))

    return mean


def _cuts(names: Sequence[str], nearness: _Nearness) -> list[Groups]:
    """Return what average linkage makes of the sites: 1 group, 2 groups, up to one for each."""
    groups: Groups = tuple((name,) for name in names)
    cuts = [groups]
    while len(groups) > 1:
        # The first of equals; groups are in the order of their names.
        groups = _merged(groups, *max(combinations(groups, 2), key=lambda two: nearness(*two)))
        cuts.append(groups)
    return cuts[::-1]


def _joined(groups: Groups, nearness: _Nearness, fewest: int) -> Groups:
    while len(groups) > 1 and any(len(group) < fewest for group in groups):
        pairs = [two for two in combinations(groups, 2) if min(map(len, two)) < fewest]
        groups = _merged(groups, *max(pairs, key=lambda two: nearness(*two)))
    return groups


def _merged(groups: Groups, one: tuple[str, ...], other: tuple[str, ...]) -> Groups:
    rest = [group for group in groups if group not in (one, other)]
    return tuple(sorted([*rest, tuple(sorted(one + other))]))

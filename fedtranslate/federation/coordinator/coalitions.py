"""Games in which players form coalitions of some value, and what each player is worth in one.

Pure arithmetic: a value is asked for when it is needed, and whoever answers may keep it.

* Leave-one-out: v(all) - v(all but k), what is lost without k.
* Shapley (1953): the mean of what k adds to those before it, over all orders of the players.
  Exact over all coalitions, or over some random orders (Castro et al. 2009), each of which ends
  as soon as its value is that of all (truncated: Ghorbani & Zou 2019, arXiv:1904.02868).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TypeAlias

Coalition: TypeAlias = frozenset[str]
Value: TypeAlias = Callable[[Coalition], float]
"""What a coalition is worth; the empty one is worth something, too."""

_MAX_ORDERS = 10_000
"""Where nearly all coalitions are known, more orders would cost nothing and tell nothing."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A random order of all players, and how far it was followed."""

    order: tuple[str, ...]
    length: int
    """Players that were let in; those after them are taken to add nothing."""


def leave_one_out(players: Sequence[str], value: Value) -> dict[str, float]:
    """Return what each player's absence costs all the others together."""
    everyone = frozenset(players)
    return {player: value(everyone) - value(everyone - {player}) for player in players}


def shapley(players: Sequence[str], value: Value) -> dict[str, float]:
    """Return the Shapley value of every player; all 2^n coalitions are asked for."""
    count = len(players)
    found = dict.fromkeys(players, 0.0)
    for player in players:
        others = [other for other in players if other != player]
        parts = []
        for size in range(count):
            weight = 1 / (count * math.comb(count - 1, size))
            parts += [
                weight * (value(some | {player}) - value(some))
                for some in map(frozenset, combinations(others, size))
            ]
        found[player] = math.fsum(parts)
    return found


def orders(players: Sequence[str], coalitions: int, seed: int) -> list[tuple[str, ...]]:
    """Return random orders of the players that ask for so many coalitions at most.

    When to stop depends on the orders and not on any value, and no player is special in it: the
    mean over the orders is unbiased.
    """
    chance = Random(seed)  # noqa: S311
    asked = {frozenset[str](), frozenset(players)}
    found: list[tuple[str, ...]] = []
    while len(found) < _MAX_ORDERS:
        order = tuple(chance.sample(list(players), len(players)))
        asked.update(_prefixes(order))
        if len(asked) > coalitions:
            break
        found.append(order)
    return found


def followed(order: tuple[str, ...], value: Value, tolerance: float) -> Walk:
    """Let the players of ``order`` in until their value is that of all, to within ``tolerance``."""
    whole = value(frozenset(order))
    for length, some in enumerate(_prefixes(order)):
        if abs(whole - value(some)) <= tolerance:
            return Walk(order, length)
    return Walk(order, len(order))


def sampled(
    players: Sequence[str], walks: Sequence[Walk], value: Value
) -> dict[str, tuple[float, float | None]]:
    """Return the estimated Shapley value of every player, with its standard error.

    The standard error is that of a mean over independent orders; None with one order only.  Of a
    few orders it is itself a rough guess, and too small where the first place counts most and a
    player has hardly been there.
    """
    gains: Mapping[str, list[float]] = {player: [] for player in players}
    for walk in walks:
        before = value(frozenset())
        for place, player in enumerate(walk.order):
            if place >= walk.length:
                gains[player].append(0.0)
                continue
            after = value(frozenset(walk.order[: place + 1]))
            gains[player].append(after - before)
            before = after
    return {player: _mean(found) for player, found in gains.items()}


def jackknife(whole: float, without: Sequence[float]) -> float | None:
    """Return the standard error of an estimate by leaving out one of its sources at a time.

    Args:
        whole: The estimate from all sources.
        without: The estimate without each of them in turn.

    Returns:
        The error (Efron & Stein 1981); None with fewer than two sources.
    """
    count = len(without)
    if count < 2:
        return None
    return math.sqrt((count - 1) / count * math.fsum((one - whole) ** 2 for one in without))


def _prefixes(order: tuple[str, ...]) -> Iterator[Coalition]:
    """Yield those that are in before each player: from nobody to all but the last."""
    for length in range(len(order)):
        yield frozenset(order[:length])


def _mean(found: Sequence[float]) -> tuple[float, float | None]:
    count = len(found)
    mean = math.fsum(found) / count
    if count < 2:
        return mean, None
    spread = math.fsum((one - mean) ** 2 for one in found) / (count - 1)
    return mean, math.sqrt(spread / count)

"""Pair two sets one to one so that the total likeness is as large as it can be."""

from collections.abc import Mapping
from math import inf

_EXACT_LIMIT = 64
"""Larger groups are paired greedily: the exact way takes cubic time."""

Scores = Mapping[tuple[int, int], float]


def assign(scores: Scores) -> list[tuple[int, int]]:
    """Return the pairs (left, right) with the largest total score, each item at most once.

    Args:
        scores: Above 0 for pairs that are possible; all others are not.

    Returns:
        Sorted by left item.  Exact for groups of up to 64 items that compete with each
        other, and greedy, best score first, for larger ones.
    """
    chosen: list[tuple[int, int]] = []
    for group in _competing(scores):
        lefts = {left for left, _ in group}
        rights = {right for _, right in group}
        if len(group) == 1:
            chosen += group
        elif max(len(lefts), len(rights)) <= _EXACT_LIMIT:
            chosen += _exact(sorted(lefts), sorted(rights), {pair: scores[pair] for pair in group})
        else:
            chosen += _greedy(group, scores)
    return sorted(chosen)


def _competing(scores: Scores) -> list[list[tuple[int, int]]]:
    """Group the pairs that share items, directly or by way of others."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def find(item: tuple[str, int]) -> tuple[str, int]:
        leader.setdefault(item, item)
        while leader[item] != item:
            leader[item] = leader[leader[item]]
            item = leader[item]
        return item

    possible = sorted(pair for pair, score in scores.items() if score > 0)
    for left, right in possible:
        leader[find(("right", right))] = find(("left", left))
    groups: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for pair in possible:
        groups.setdefault(find(("left", pair[0])), []).append(pair)
    return list(groups.values())


def _greedy(group: list[tuple[int, int]], scores: Scores) -> list[tuple[int, int]]:
    chosen = []
    taken: set[tuple[str, int]] = set()
    for left, right in sorted(group, key=lambda pair: (-scores[pair], pair)):
        if not taken & {("left", left), ("right", right)}:
            taken |= {("left", left), ("right", right)}
            chosen.append((left, right))
    return chosen


def _exact(lefts: list[int], rights: list[int], scores: Scores) -> list[tuple[int, int]]:
    if len(lefts) > len(rights):
        turned = {(right, left): score for (left, right), score in scores.items()}
        return [(left, right) for right, left in _exact(rights, lefts, turned)]
    costs = [[-scores.get((left, right), 0.0) for right in rights] for left in lefts]
    columns = _cheapest(costs)
    pairs = [(left, rights[column]) for left, column in zip(lefts, columns, strict=True)]
    return [pair for pair in pairs if scores.get(pair, 0.0) > 0]


def _cheapest(costs: list[list[float]]) -> list[int]:
    """Return for each row its column in the cheapest full assignment; rows <= columns.

    The Hungarian method with potentials (Kuhn 1955; Jonker and Volgenant 1987): rows enter one
    by one, each along a shortest path of reduced costs.  Index 0 stands for "none".
    """
    rows, columns = len(costs), len(costs[0])
    row_price = [0.0] * (rows + 1)
    column_price = [0.0] * (columns + 1)
    row_of = [0] * (columns + 1)
    for entering in range(1, rows + 1):
        row_of[0] = entering
        came_from = _shortest_path(costs, row_price, column_price, row_of)
        column = next(c for c in came_from if row_of[c] == 0)
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    column_of = {row: column - 1 for column, row in enumerate(row_of) if column and row}
    return [column_of[row] for row in range(1, rows + 1)]


def _shortest_path(
    costs: list[list[float]],
    row_price: list[float],
    column_price: list[float],
    row_of: list[int],
) -> dict[int, int]:
    """Return where the path to each column came from; the one free column among them ends it.

    Prices are adjusted in place, as the method wants.
    """
    distance = [inf] * len(column_price)
    origin = [0] * len(column_price)
    done = [False] * len(column_price)
    came_from: dict[int, int] = {}
    column = 0
    while True:
        done[column] = True
        row = row_of[column]
        if column and row == 0:
            return came_from
        for other in range(1, len(column_price)):
            reduced = costs[row - 1][other - 1] - row_price[row] - column_price[other]
            if not done[other] and reduced < distance[other]:
                distance[other], origin[other] = reduced, column
        nearest = min((c for c in range(1, len(done)) if not done[c]), key=distance.__getitem__)
        step = distance[nearest]
        for other in range(len(done)):
            if done[other]:
                row_price[row_of[other]] += step
                column_price[other] -= step
            else:
                distance[other] -= step
        column = nearest
        came_from[column] = origin[column]

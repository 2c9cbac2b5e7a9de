"""The strongly connected components of a graph, in numbers alone.

A large repository has hundreds of thousands of nodes and edges, so both are kept in arrays: four
bytes a number, and no object for any of them.
"""

from array import array
from collections.abc import Iterable, Iterator


class Edges:
    """The edges of a graph, by the node from which they go; nodes are added in their order."""

    def __init__(self) -> None:
        self._starts = array("i", [0])
        self._ends = array("i")

    def add(self, ends: Iterable[int]) -> None:
        """Add a node with edges to ``ends``, which need not be there yet."""
        self._ends.extend(ends)
        self._starts.append(len(self._ends))

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self._starts) - 1

    def components(self) -> Iterator[list[int]]:
        """Yield the components, each after those that it has edges to.

        Without recursion, since chains of edges may be long.

        Reference: Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972).
        """
        starts, ends = self._starts, self._ends
        following = array("i", starts)  # the edge of each node that is next to be looked at
        index, low = (array("i", [-1]) * len(self) for _ in range(2))
        is_open = bytearray(len(self))
        opened, path = array("i"), array("i")
        count = 0
        for root in range(len(self)):
            if index[root] < 0:
                path.append(root)
            while path:
                node = path[-1]
                if index[node] < 0:
                    index[node] = low[node] = count
                    count += 1
                    opened.append(node)
                    is_open[node] = True
                place = following[node]
                if place < starts[node + 1]:
                    following[node] = place + 1
                    other = ends[place]
                    if index[other] < 0:
                        path.append(other)
                    elif is_open[other]:
                        low[node] = min(low[node], index[other])
                    continue
                path.pop()
                if path:
                    low[path[-1]] = min(low[path[-1]], low[node])
                if low[node] == index[node]:
                    yield _closed(node, opened, is_open)


def _closed(node: int, opened: "array[int]", is_open: bytearray) -> list[int]:
    """Take the component that was opened with ``node`` off the stack, and return it."""
    group: list[int] = []
    while not group or group[-1] != node:
        group.append(opened.pop())
        is_open[group[-1]] = False
    return group

from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.components import Edges

GRAPHS = st.integers(0, 10).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, max(0, size - 1)), max_size=4), min_size=size, max_size=size
    )
)


def components(graph: list[list[int]]) -> list[list[int]]:
    edges = Edges()
    for ends in graph:
        edges.add(ends)
    return [sorted(group) for group in edges.components()]


def reached(graph: list[list[int]], start: int) -> set[int]:
    """Return all nodes to which edges lead from ``start``, itself among them."""
    found, todo = {start}, [start]
    while todo:
        new = set(graph[todo.pop()]) - found
        found |= new
        todo += new
    return found


@given(GRAPHS)
def test_nodes_that_reach_each_other_are_one_component(graph: list[list[int]]) -> None:
    ways = [reached(graph, node) for node in range(len(graph))]
    mutual = {
        tuple(other for other in range(len(graph)) if other in ways[node] and node in ways[other])
        for node in range(len(graph))
    }
    found = components(graph)
    assert {tuple(group) for group in found} == mutual
    assert len(found) == len(mutual)


@given(GRAPHS)
def test_a_component_comes_after_those_that_it_has_edges_to(graph: list[list[int]]) -> None:
    place = {node: number for number, group in enumerate(components(graph)) for node in group}
    assert all(place[end] <= place[node] for node, ends in enumerate(graph) for end in ends)

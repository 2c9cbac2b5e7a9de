"""The one-to-one assignment has the largest total there is."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.corpus.assignment import assign

cells = st.tuples(st.integers(0, 4), st.integers(0, 4))
matrices = st.dictionaries(cells, st.floats(-1, 1), max_size=20)


@given(matrices)
@settings(deadline=None, max_examples=300)
def test_no_other_assignment_has_a_larger_total(scores: dict[tuple[int, int], float]) -> None:
    chosen = assign(scores)
    assert len({left for left, _ in chosen}) == len(chosen)
    assert len({right for _, right in chosen}) == len(chosen)
    assert all(scores[pair] > 0 for pair in chosen)
    best = max(
        sum(max(0.0, scores.get((left, right), 0.0)) for left, right in enumerate(order))
        for order in permutations(range(5))
    )
    assert abs(sum(scores[pair] for pair in chosen) - best) < 1e-9


@given(matrices)
@settings(deadline=None)
def test_the_order_in_which_scores_are_given_does_not_matter(
    scores: dict[tuple[int, int], float],
) -> None:
    assert assign(scores) == assign(dict(reversed(scores.items())))


def test_many_competitors_are_paired_greedily_and_still_one_to_one() -> None:
    scores = {(i, j): 1 / (1 + abs(i - j)) for i in range(90) for j in range(90)}
    assert assign(scores) == [(i, i) for i in range(90)]

"""Paired bootstrap."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.metrics import paired_bootstrap

SCORES = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    min_size=1,
    max_size=20,
)
LAWS = settings(deadline=None, derandomize=True, max_examples=50)


def test_a_constant_lead_is_certain() -> None:
    found = paired_bootstrap([0.5, 0.7, 0.9], [0.25, 0.45, 0.65], seed=1)
    assert found.mean_difference == pytest.approx(0.25)
    assert found.low == pytest.approx(0.25)
    assert found.high == pytest.approx(0.25)
    assert found.probability_better == 1


def test_equal_systems_are_a_tie() -> None:
    found = paired_bootstrap([0.5] * 15, [0.5] * 15, seed=1)
    assert found.probability_better == 0.5
    assert found.low == found.high == 0


def test_one_lucky_pair_of_fifteen_decides_nothing() -> None:
    found = paired_bootstrap([1.0] + [0.5] * 14, [0.5] * 15, seed=1)
    assert found.low == 0
    assert found.mean_difference > 0
    assert found.probability_better < 0.95


def test_fourteen_of_fifteen_decide() -> None:
    found = paired_bootstrap([0.4] + [0.6] * 14, [0.5] * 15, seed=1)
    assert found.low > 0
    assert found.probability_better > 0.99


def test_many_units_do_not_need_much_memory() -> None:
    units = 30_000
    found = paired_bootstrap([1.0, 0.0] * (units // 2), [0.5] * units, samples=100, seed=3)
    assert found.low < 0 < found.high


@LAWS
@given(SCORES, st.integers(0, 100))
def test_the_same_seed_gives_the_same_answer(pairs: list[tuple[float, float]], seed: int) -> None:
    a, b = zip(*pairs, strict=True)
    once = paired_bootstrap(a, b, samples=200, seed=seed)
    assert paired_bootstrap(a, b, samples=200, seed=seed) == once
    assert once.low <= once.high
    assert 0 <= once.probability_better <= 1


@LAWS
@given(SCORES)
def test_changing_sides_changes_the_sign(pairs: list[tuple[float, float]]) -> None:
    a, b = zip(*pairs, strict=True)
    there, back = (paired_bootstrap(*sides, samples=200, seed=0) for sides in ((a, b), (b, a)))
    assert back.mean_difference == pytest.approx(-there.mean_difference)
    assert back.low == pytest.approx(-there.high)
    assert back.probability_better == pytest.approx(1 - there.probability_better)


@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        ([], [], {}),
        ([1.0], [1.0, 2.0], {}),
        ([float("nan")], [1.0], {}),
        ([1.0], [1.0], {"samples": 0}),
        ([1.0], [1.0], {"confidence": 1.0}),
    ],
)
def test_what_makes_no_sense_is_refused(
    a: list[float], b: list[float], options: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"needed|sense|finite"):
        paired_bootstrap(a, b, seed=0, **options)  # type: ignore[arg-type]

"""pass@k."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.metrics import mean_pass_at_k, pass_at_k


@given(st.integers(1, 60), st.data())
def test_it_is_the_share_of_draws_that_hold_a_right_sample(
    samples: int, data: st.DataObject
) -> None:
    correct, k = data.draw(st.integers(0, samples)), data.draw(st.integers(1, samples))
    exact = 1 - math.comb(samples - correct, k) / math.comb(samples, k)
    assert pass_at_k(samples, correct, k) == pytest.approx(exact)


def test_of_one_draw_it_is_the_share_of_right_samples() -> None:
    assert pass_at_k(200, 30, 1) == pytest.approx(0.15)


def test_it_holds_where_binomials_do_not_fit_a_float() -> None:
    assert pass_at_k(100_000, 1, 50_000) == pytest.approx(0.5)


def test_all_or_none_are_certain() -> None:
    assert pass_at_k(10, 0, 10) == 0
    assert pass_at_k(10, 10, 1) == 1
    assert pass_at_k(10, 1, 10) == 1


def test_the_mean_is_over_tasks() -> None:
    assert mean_pass_at_k([(10, 10), (10, 0), (4, 2)], 1) == pytest.approx(0.5)


@pytest.mark.parametrize(("samples", "correct", "k"), [(5, 6, 1), (5, -1, 1), (5, 1, 6), (5, 1, 0)])
def test_numbers_that_cannot_be_are_refused(samples: int, correct: int, k: int) -> None:
    with pytest.raises(ValueError, match="undefined"):
        pass_at_k(samples, correct, k)
    with pytest.raises(ValueError, match="no tasks"):
        mean_pass_at_k([], 1)

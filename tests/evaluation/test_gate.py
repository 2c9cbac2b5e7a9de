"""The gate: better than what is there, surely, or nothing happens."""

import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.evaluation.gate import CONFIDENCE, decide
from fedtranslate.metrics.scores import Scores, UnitScores

qualities = st.lists(st.floats(0, 100), min_size=1, max_size=40)


def scores(units: Sequence[float], parses: Sequence[bool] = ()) -> Scores:
    """Return scores of translations with a CodeBLEU of so many percent."""
    valid = parses or [True] * len(units)
    per_unit = tuple(UnitScores(False, q / 100, ok) for q, ok in zip(units, valid, strict=True))
    return Scores(len(units), 0, 0, 0, 0, 0, 0, None, 0, 0, per_unit)


@given(qualities, st.integers(0, 99))
def test_identical_scores_never_install(units: list[float], seed: int) -> None:
    decision = decide(scores(units), scores(units), seed=seed)
    assert not decision.installed
    assert decision.gain == 0


@given(qualities, st.integers(0, 99))
def test_identical_scores_install_where_no_worse_is_enough(units: list[float], seed: int) -> None:
    assert decide(scores(units), scores(units), gate="no-worse", seed=seed).installed


@given(st.lists(st.floats(20, 80), min_size=15, max_size=15), st.floats(1.5, 15))
def test_a_candidate_that_is_worse_on_every_pair_is_declined_by_either_gate(
    units: list[float], loss: float
) -> None:
    worse = scores([unit - loss for unit in units])
    assert not decide(worse, scores(units)).installed
    assert not decide(worse, scores(units), gate="no-worse").installed


@given(st.lists(st.floats(0, 60), min_size=15, max_size=15), st.floats(5, 40))
def test_a_candidate_that_is_better_on_every_pair_is_installed(
    units: list[float], gain: float
) -> None:
    decision = decide(scores([unit + gain for unit in units]), scores(units))
    assert decision.installed
    assert decision.low - 1e-9 <= decision.gain <= decision.high + 1e-9
    assert decision.gain == pytest.approx(gain)
    assert decision.pairs == 15


@given(st.lists(st.floats(-10, 10), min_size=15, max_size=15), st.integers(0, 99))
def test_a_difference_of_the_size_of_its_noise_is_declined(noise: list[float], seed: int) -> None:
    mean = math.fsum(noise) / 15
    error = math.sqrt(math.fsum((x - mean) ** 2 for x in noise)) / 15
    shifted = [50 + x - mean + 0.8 * error for x in noise]
    assert not decide(scores(shifted), scores([50.0] * 15), seed=seed).installed


def test_pure_noise_is_installed_no_more_often_than_the_confidence_admits() -> None:
    rng = Random(1)
    installed = 0
    for _ in range(200):
        old = [rng.uniform(20, 80) for _ in range(15)]
        new = [unit + rng.gauss(0, 8) for unit in old]
        installed += decide(scores(new), scores(old)).installed
    assert installed <= 200 * (1 - CONFIDENCE) * 1.6


@given(qualities, st.floats(0.1, 30))
def test_a_worse_candidate_is_never_installed(units: list[float], loss: float) -> None:
    worse = [max(0.0, unit - loss) for unit in units]
    assert not decide(scores(worse), scores(units)).installed


def test_a_gain_that_one_lucky_pair_makes_is_declined() -> None:
    old = [50.0] * 15
    new = [100.0, *[49.0] * 14]
    decision = decide(scores(new), scores(old))
    assert decision.gain > 2
    assert not decision.installed
    assert "resamplings of 15 pairs; 90% are asked for" in decision.reason


def test_what_does_not_parse_is_worth_nothing() -> None:
    broken = scores([90.0] * 15, [False] * 15)
    assert not decide(broken, scores([10.0] * 15)).installed
    assert decide(scores([10.0] * 15), broken).gain == pytest.approx(10)


@given(qualities, st.integers(0, 99))
def test_the_same_seed_decides_the_same(units: list[float], seed: int) -> None:
    new = scores([min(100.0, unit * 1.1) for unit in units])
    assert decide(new, scores(units), seed=seed) == decide(new, scores(units), seed=seed)
